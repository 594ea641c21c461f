package io.natator.topology;

import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.SocketOwner;
import io.natator.topology.link.SeriesLimits;
import io.prometheus.metrics.model.snapshots.Labels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adds random links, which grow, become idle and have traffic again. After every step, the sum over all series must
 * equal the bytes that the ledger attributed to links, each series must be at least as large as before, and there must
 * be at most {@link #LIMIT} series.
 */
class SeriesLimitRandomTest {
    private static final int LIMIT = 20;
    private static final int PREFIXES = 6;
    private static final SeriesLimits LIMITS = SeriesLimits.builder()
            .limit(LIMIT)
            .prefixPercent(30)
            .ipv4PrefixLength(24)
            .ipv6PrefixLength(64)
            .build();
    private static final int STEPS = 400;

    @TempDir
    Path stateDirectory = Path.of("");

    private final Map<String, Long> acknowledged = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void sumsAreExactNeverDecreaseAndTheLimitHolds(long seed) {
        // Given
        var random = new SplittableRandom(seed);
        try (var topology = new ScrapedTopology(stateDirectory, LIMITS)) {
            Map<Labels, Double> before = Map.of();
            for (int step = 0; step < STEPS; step++) {
                // When
                if (random.nextInt(5) == 0) {
                    topology.pass(Duration.ofHours(random.nextInt(1, 9)));
                } else {
                    grow(topology, random);
                }
                topology.commit();

                // Then
                String context = "seed " + seed + ", step " + step;
                Map<Labels, Double> now = topology.scrape("natator_link_bytes");
                before.forEach((series, value) -> assertThat(now.getOrDefault(series, value))
                        .as("%s: %s", context, series)
                        .isGreaterThanOrEqualTo(value));
                Map<Labels, Double> attributed = topology.scrape("natator_topology_attributed_bytes");
                assertThat(attributed.get(Labels.of("side", "links")))
                        .as(context)
                        .isEqualTo(attributed.get(Labels.of("side", "ledger")));
                Map<Labels, Double> series = topology.scrape("natator_topology_link_series");
                assertThat(series.get(Labels.of("of", "prefix"))).as(context).isLessThanOrEqualTo(PREFIXES);
                assertThat(series.values().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum())
                        .as(context)
                        .isLessThanOrEqualTo(LIMIT);
                before = now;
            }

            // Then links were counted in all kinds of series, and links were retired, so the run tested all cases
            assertThat(topology.statistics().prefixedLinks.value())
                    .as("seed %d", seed)
                    .isPositive();
            assertThat(topology.statistics().otherLinks.value())
                    .as("seed %d", seed)
                    .isPositive();
            assertThat(topology.statistics().retiredLinks.value())
                    .as("seed %d", seed)
                    .isGreaterThan(LIMIT);
        }
    }

    /**
     * Adds traffic to a random connection. Its link is one of a few permanent links, or one of many short-lived links.
     */
    private void grow(ScrapedTopology topology, SplittableRandom random) {
        String server = switch (random.nextInt(4)) {
            case 0 -> "198.51." + random.nextInt(12) + "." + random.nextInt(1, 255);
            case 1 -> "2001:db8:0:" + random.nextInt(1, 9) + "::" + random.nextInt(1, 99);
            case 2 -> "198.51.100." + random.nextInt(1, 4);
            default -> "127.0.0.1";
        };
        String command = "process-" + random.nextInt(3);
        // All traffic of a process to a server on one day belongs to one connection, so its counters are cumulative.
        String connection = command + server + topology.now().getEpochSecond() / 86_400;
        long bytes = acknowledged.merge(connection, (long) random.nextInt(1, 1_000), Long::sum);
        topology.report(
                connection.hashCode(),
                client(connection.hashCode())
                        .setOwner(SocketOwner.newBuilder().setCommand(command).build())
                        .setRemoteAddress(address(server))
                        .setBytesAcked(bytes)
                        .setStartedAt(topology.now())
                        .setObservedAt(topology.now())
                        .build());
        topology.pass(Duration.ofSeconds(15));
    }
}
