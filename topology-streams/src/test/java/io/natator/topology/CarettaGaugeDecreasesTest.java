package io.natator.topology;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.SocketOwner;
import io.natator.topology.metrics.LinkMetricsCollector;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.TestInputTopic;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows a fault in the metric of bytes that Natator exports under Caretta's name: it decreases, although dashboards use
 * it like a counter.
 */
class CarettaGaugeDecreasesTest {
    private static final int HOURS = 30;

    @TempDir
    private Path directory = Path.of("");

    private final CommittedStores stores = new CommittedStores();
    private final LinkMetricsCollector collector = new LinkMetricsCollector(stores, true);

    /** A Deployment's pod moves from zone-1 to zone-2. A day later, the link of zone-1 is retired. */
    @Test
    @Disabled(
            "Links that differ only in their zone share a Caretta series, which decreases when one of them is retired.")
    void gaugeOfALinkThatGoesOnNeverDecreases() {
        var statistics = new TopologyStatistics();
        TopologyConfig config = TopologyConfig.fromOptions("--state-dir=" + directory, "--partitions=1");
        try (var driver = TestDrivers.start(config, statistics, stores, START)) {
            TestDrivers.completeIdentities(driver);
            // Given a gigabyte of traffic from the old pod
            TestInputTopic<Long, ConnectionSnapshot> connections = TestDrivers.connections(driver);
            TestInputTopic<String, SpecificRecord> identities = TestDrivers.identities(driver);
            identities.pipeInput(IdentityKeys.ofPod("old"), podIn("zone-1"));
            identities.pipeInput(IdentityKeys.ofPod("new"), podIn("zone-2"));
            connections.pipeInput(
                    1L, closed(clientOf("old", 1)).setBytesAcked(1_000_000_000L).build());

            // When the new pod sends five gigabytes, and the old pod's link is retired
            Instant now = START;
            double highest = 0;
            for (int hour = 0; hour < HOURS; hour++) {
                driver.advanceWallClockTime(Duration.ofHours(1));
                now = now.plus(Duration.ofHours(1));
                connections.pipeInput(
                        2L,
                        clientOf("new", 2)
                                .setBytesAcked(5_000_000_000L + hour)
                                .setStartedAt(START)
                                .setObservedAt(now)
                                .build());
                driver.advanceWallClockTime(Duration.ofSeconds(1));
                now = now.plusSeconds(1);
                stores.committed();

                // Then
                double bytes = bytesObserved();
                assertThat(bytes).as("hour %d", hour).isGreaterThanOrEqualTo(highest);
                highest = bytes;
            }
        }
    }

    private double bytesObserved() {
        return collector.collect().stream()
                .filter(family -> family.getMetadata().getName().equals("caretta_links_observed"))
                .flatMap(family -> family.getDataPoints().stream())
                .mapToDouble(point -> ((GaugeDataPointSnapshot) point).getValue())
                .sum();
    }

    private static ConnectionSnapshot.Builder clientOf(String podUid, long cookie) {
        return client(cookie)
                .setRemoteAddress(address("8.8.8.8"))
                .setOwner(SocketOwner.newBuilder().setPodUid(podUid).build());
    }

    private static Identity podIn(String zone) {
        return Identity.newBuilder(FakeIdentities.podOf("web")).setZone(zone).build();
    }
}
