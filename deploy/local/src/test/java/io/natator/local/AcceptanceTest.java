package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the whole pipeline with real traffic: BPF in this kernel, a broker, Kafka Streams. Asserts that the links
 * equal, to the byte, the traffic that applications in network namespaces sent and received.
 */
class AcceptanceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAX_BYTES = 200_000;
    private static final long SEED = 20_260_901;

    @TempDir
    private static Path directory;

    private static LocalPipeline pipeline;
    private static PipelineReader reader;

    private TestNetwork network;

    @BeforeAll
    static void startPipeline() {
        pipeline = LocalPipeline.start(
                // Excludes loopback: the pipeline's own traffic over loopback never stops, so the totals would always
                // grow.
                LocalConfigs.onFreePorts(
                        "--kafka-port=0", "--data-directory=" + directory, "--no-kubernetes", "--no-loopback"),
                line -> {});
        reader = PipelineReader.ofRunning(pipeline);
    }

    @AfterAll
    static void stopPipeline() {
        pipeline.close();
    }

    @BeforeEach
    void makeNetwork() {
        network = TestNetwork.create();
    }

    @AfterEach
    void removeNetwork() {
        network.close();
    }

    @Test
    void shortConnectionsOfBothFamiliesAreExact() {
        // Given
        TrafficPeer cart = network.start(network.server(), "cart");
        TrafficPeer shop = network.start(network.client(), "shop");
        int port4 = cart.listen(TestNetwork.SERVER_IPV4, true);
        int port6 = cart.listen(TestNetwork.SERVER_IPV6, false);

        // When
        shop.connect(TestNetwork.SERVER_IPV4, port4, true, 0, 300, 8, SEED, MAX_BYTES);
        shop.connect(TestNetwork.SERVER_IPV6, port6, false, 1_000, 300, 8, SEED + 1, MAX_BYTES);

        // Then
        List<TrafficResult> sent = shop.results();
        assertLink("shop", "cart", port4, TrafficTotals.ofClients(toPort(sent, port4)));
        assertLink("shop", "cart", port6, TrafficTotals.ofClients(toPort(sent, port6)));
        assertThat(TrafficTotals.ofServers(cart.results())).isEqualTo(TrafficTotals.ofClients(sent));
        assertInvariant();
    }

    @Test
    void longConnectionsAreExactWhileTheyLast() {
        // Given
        TrafficPeer store = network.start(network.server(), "store");
        TrafficPeer feed = network.start(network.client(), "feed");
        int port = store.listen(TestNetwork.SERVER_IPV4, true);
        for (int id = 0; id < 20; id++) {
            feed.hold(TestNetwork.SERVER_IPV4, port, true, id, 1_000 + id, 50_000 - id);
        }
        assertLink("feed", "store", port, TrafficTotals.ofClients(feed.results()));

        // When
        for (int id = 0; id < 20; id += 2) {
            feed.sendMore(id, 12_345 + id);
        }

        // Then
        assertLink("feed", "store", port, TrafficTotals.ofClients(feed.results()));
        for (int id = 0; id < 20; id++) {
            feed.drop(id);
        }
        await("connections are closed")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reader.get("/api/links?client=feed&server=store")
                                .body())
                        .contains("\"connectionsClosed\":20"));
        assertLink("feed", "store", port, TrafficTotals.ofClients(feed.results()));
    }

    @Test
    void bothHalvesBehindNatAreOneLink() {
        // Given
        String service = "10.96.77.10";
        TrafficPeer backend = network.start(network.server(), "backend");
        TrafficPeer frontend = network.start(network.client(), "frontend");
        int port = backend.listen(TestNetwork.SERVER_IPV4, true);
        network.translate(service, port);

        // When
        frontend.connect(service, port, true, 0, 200, 8, SEED + 2, MAX_BYTES);

        // Then
        List<TrafficResult> sent = frontend.results();
        assertThat(sent)
                .allSatisfy(result ->
                        assertThat(result.remote().address().getHostAddress()).isEqualTo(service));
        assertLink("frontend", "backend", port, TrafficTotals.ofClients(sent));
        assertThat(reader.scraped("frontend", service, port)).isEqualTo(TrafficTotals.NONE);
        assertInvariant();
    }

    @Test
    void refusedConnectionsAreFailures() {
        // Given
        TrafficPeer prober = network.start(network.client(), "prober");

        // When
        prober.connectRefused(TestNetwork.SERVER_IPV4, 9, true, 25);

        // Then
        await("failures are counted").atMost(PATIENCE).untilAsserted(() -> {
            Exposition exposition = reader.scrape();
            Map<String, String> link =
                    Map.of("client_name", "prober", "server_name", TestNetwork.SERVER_IPV4, "server_port", "9");
            assertThat(exposition.sum("natator_link_failures_total", link)).isEqualTo(25);
            assertThat(exposition.sum("natator_link_connections_total", link)).isZero();
        });
    }

    @Test
    void noLinkHasAnUnspecifiedAddress() {
        assertThat(reader.scrape().samples())
                .noneSatisfy(sample -> assertThat(
                                sample.labels().getOrDefault("server_name", "").replace("::", "0.0.0.0"))
                        .isEqualTo("0.0.0.0"));
    }

    private static List<TrafficResult> toPort(List<TrafficResult> results, int port) {
        return results.stream().filter(result -> result.remote().port() == port).toList();
    }

    private static void assertLink(String client, String server, int port, TrafficTotals expected) {
        await("link " + client + " to " + server + " in /metrics")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(reader.scraped(client, server, port)).isEqualTo(expected));
        await("link " + client + " to " + server + " in the topic")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> assertThat(reader.consumed(client, server, port)).isEqualTo(expected));
    }

    /** Asserts that the sum over all links equals the sum over all connections. */
    private static void assertInvariant() {
        await("links and connections have the same sum").atMost(PATIENCE).untilAsserted(() -> {
            Exposition exposition = reader.scrape();
            assertThat(exposition.sum("natator_topology_attributed_bytes", Map.of("side", "links")))
                    .isEqualTo(exposition.sum("natator_topology_attributed_bytes", Map.of("side", "ledger")))
                    .isPositive();
        });
    }
}
