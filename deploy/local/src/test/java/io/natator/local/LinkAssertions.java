package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.traffic.TrafficPeer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Waits until the links between the Deployments of a namespace show exactly the traffic that the applications sent and
 * received.
 */
record LinkAssertions(PipelineReader reader, String namespace) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** The traffic that a client process counted over its connections to a port. */
    static TrafficTotals totalsOf(TrafficPeer client, int port) {
        return TrafficTotals.ofClients(client.results().stream()
                .filter(result -> result.remote().port() == port)
                .toList());
    }

    /**
     * Waits until the enricher has published an identity. A connection that is opened before gets another name, so call
     * this first.
     */
    void awaitIdentity(String key) {
        await(key + " in the topic of identities")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reader.identityKeys()).contains(key));
    }

    /**
     * Asserts a link from the zone {@code zone-1} to the zone {@code zone-2}.
     *
     * @param via the Service that the client connected to; empty if there was none
     */
    void assertLink(String client, String server, int port, String via, TrafficTotals expected) {
        await("link " + client + " to " + server + " in /metrics")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reader.scraped(between(client, server, port, via)))
                        .isEqualTo(expected));
        await("link " + client + " to " + server + " in the topic")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> assertThat(reader.consumed(client, server, port)).isEqualTo(expected));
    }

    private Map<String, String> between(String client, String server, int port, String via) {
        Map<String, String> labels = new HashMap<>();
        labels.putAll(workload("client", client, "zone-1"));
        labels.putAll(workload("server", server, "zone-2"));
        labels.put("server_port", Integer.toString(port));
        labels.put("via", via);
        return labels;
    }

    private Map<String, String> workload(String side, String name, String zone) {
        return Map.of(
                side + "_name",
                name,
                side + "_namespace",
                namespace,
                side + "_kind",
                "Deployment",
                side + "_zone",
                zone);
    }

    void assertScraped(Map<String, String> labels, int port, TrafficTotals expected) {
        Map<String, String> link = new HashMap<>(labels);
        link.put("server_port", Integer.toString(port));
        await(labels + " in /metrics")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reader.scraped(link)).isEqualTo(expected));
    }

    /** Asserts that no other link has traffic to this port under another name. */
    void assertNoOther(int port, TrafficTotals all) {
        assertThat(reader.scraped(Map.of("server_port", Integer.toString(port))))
                .isEqualTo(all);
    }
}
