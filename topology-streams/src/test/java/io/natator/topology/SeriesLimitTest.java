package io.natator.topology;

import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.SocketOwner;
import io.natator.topology.link.SeriesLimits;
import io.prometheus.metrics.model.snapshots.Labels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests scrapes when there are more links than {@code --series-limit}: only committed values are exported, and all sums
 * are exact.
 */
class SeriesLimitTest {
    @TempDir
    Path stateDirectory = Path.of("");

    private static SeriesLimits limits(int limit, int prefixPercent) {
        return SeriesLimits.builder()
                .limit(limit)
                .prefixPercent(prefixPercent)
                .ipv4PrefixLength(24)
                .ipv6PrefixLength(64)
                .build();
    }

    private static void report(ScrapedTopology topology, List<String> commands, String server, long bytes) {
        for (String command : commands) {
            long name = (command + server).hashCode();
            topology.report(
                    name,
                    client(name)
                            .setOwner(
                                    SocketOwner.newBuilder().setCommand(command).build())
                            .setRemoteAddress(address(server))
                            .setBytesAcked(bytes)
                            .build());
        }
        topology.pass(Duration.ofSeconds(1));
    }

    @Test
    void linksAboveTheLimitAreOneSumAndOnlyCommittedValuesAreExported() {
        try (var topology = new ScrapedTopology(
                stateDirectory,
                TopologyConfig.fromOptions("--series-limit=2").links().series())) {
            // Before the first commit
            report(topology, List.of("first", "second", "third", "fourth"), "8.8.8.8", 10);
            assertThat(topology.bytesToServer("client_name")).isEmpty();

            topology.commit();
            assertThat(topology.bytesToServer("client_name"))
                    .containsOnly(Map.entry("first", 10.0), Map.entry("second", 10.0), Map.entry("other", 20.0));

            // Before the second commit
            report(topology, List.of("first", "third", "fifth"), "8.8.8.8", 15);
            assertThat(topology.bytesToServer("client_name"))
                    .containsOnly(Map.entry("first", 10.0), Map.entry("second", 10.0), Map.entry("other", 20.0));

            topology.commit();
            assertThat(topology.bytesToServer("client_name"))
                    .containsOnly(Map.entry("first", 15.0), Map.entry("second", 10.0), Map.entry("other", 40.0));
        }
    }

    @Test
    void addressesAboveTheLimitAreCountedUnderTheirPrefixUpToItsShare() {
        // Given limits for the series of one link and of two address prefixes
        try (var topology = new ScrapedTopology(stateDirectory, limits(3, 67))) {
            report(topology, List.of("curl"), "198.51.100.1", 1);

            // When
            report(topology, List.of("curl"), "198.51.100.2", 20);
            report(topology, List.of("curl"), "198.51.100.3", 300);
            report(topology, List.of("curl"), "2001:db8::1", 4_000);
            report(topology, List.of("curl"), "2001:db8::2:1", 50_000);
            report(topology, List.of("curl"), "203.0.113.1", 600_000);
            // A link that has its own series still uses it
            report(topology, List.of("curl"), "198.51.100.1", 2);
            topology.commit();

            // Then
            assertThat(topology.bytesToServer("server_name", "server_namespace", "server_kind", "partition"))
                    .containsOnly(
                            Map.entry("198.51.100.1 external external null", 2.0),
                            Map.entry("198.51.100.0/24 external external 0", 320.0),
                            Map.entry("2001:db8::/64 external external 0", 54_000.0),
                            Map.entry("other partition-0 other null", 600_000.0));
            assertThat(topology.statistics().prefixedLinks.value()).isEqualTo(4);
            assertThat(topology.statistics().otherLinks.value()).isEqualTo(1);
            assertThat(topology.scrape("natator_topology_link_series"))
                    .containsOnly(Map.entry(Labels.of("of", "link"), 1.0), Map.entry(Labels.of("of", "prefix"), 2.0));
        }
    }

    @Test
    void internalEndsAreNotCountedUnderPrefixes() {
        try (var topology = new ScrapedTopology(stateDirectory, limits(2, 50))) {
            report(topology, List.of("first"), "8.8.8.8", 1);

            // When a link above the limit has a server on the client's own host
            report(topology, List.of("second"), "127.0.0.1", 20);
            topology.pass(Duration.ofSeconds(15));
            topology.commit();

            // Then
            assertThat(topology.bytesToServer("client_name"))
                    .containsOnly(Map.entry("first", 1.0), Map.entry("other", 20.0));
        }
    }

    @Test
    void carettaMetricsHaveThePrefixToo() {
        try (var topology = new ScrapedTopology(stateDirectory, limits(2, 50))) {
            report(topology, List.of("curl"), "198.51.100.1", 1);
            report(topology, List.of("curl"), "198.51.100.2", 20);
            report(topology, List.of("curl"), "198.51.100.3", 300);
            topology.commit();

            // Then
            Map<Labels, Double> observed = topology.scrape("caretta_links_observed");
            assertThat(observed).hasSize(2).anySatisfy((Labels labels, Double bytes) -> {
                assertThat(bytes).isEqualTo(320.0);
                assertThat(labels.get("server_name")).isEqualTo("198.51.100.0/24");
                assertThat(labels.get("server_namespace")).isEqualTo("external");
                assertThat(labels.get("role")).isEqualTo("1");
            });
        }
    }
}
