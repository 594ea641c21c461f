package io.natator.topology;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows faults that are caused by wrong clocks, or by time that passes while the broker or the collectors are stopped.
 */
class ClockFaultsTest {
    private static final long FINGERPRINT = 7;
    private static final long OTHER_FINGERPRINT = 9;

    @TempDir
    private Path directory = Path.of("");

    private final TopologyStatistics statistics = new TopologyStatistics();
    private @Nullable TopologyTestDriver driver;

    @AfterEach
    void stop() {
        if (driver != null) {
            driver.close();
        }
    }

    /**
     * The topology processes a backlog of two hours. The clock of one node is an hour ahead of the clocks of the other
     * nodes.
     */
    @Test
    @Disabled(
            "All nodes of a partition share one clock, so the fastest node's clock closes connections of other nodes.")
    void clockOfOneNodeDoesNotCloseTheConnectionsOfOthers() {
        // Given
        start(START.plus(Duration.ofHours(2)));
        var connections = connections();
        connections.pipeInput(FINGERPRINT, client(1).setBytesAcked(100).build());
        connections.pipeInput(FINGERPRINT, server(2).build());
        connections.pipeInput(
                OTHER_FINGERPRINT,
                client(3)
                        .setNode("node-c")
                        .setRemoteAddress(address("8.8.8.8"))
                        .setStartedAt(START.plusSeconds(3600))
                        .setObservedAt(START.plusSeconds(3601))
                        .build());
        pass(2);

        // When
        for (int i = 1; i < 20; i++) {
            connections.pipeInput(
                    FINGERPRINT,
                    client(1)
                            .setBytesAcked(100 + i)
                            .setObservedAt(START.plusSeconds(5L * i))
                            .build());
            pass(1);
        }

        // Then
        LinkTotals toNginx = links().readKeyValuesToMap().entrySet().stream()
                .filter(link -> link.getKey().getServer().getName().equals("nginx"))
                .findFirst()
                .orElseThrow()
                .getValue();
        assertThat(toNginx.getConnectionsClosed()).isZero();
    }

    /**
     * The server's report is made 1 s after the client's report. The broker stalls, and delivers the server's report 25
     * s after the client's.
     */
    @Test
    @Disabled(
            "After 10 s without records the clock follows the wall clock, so a stall of the broker counts as waiting.")
    void stallOfTheBrokerIsNotALackOfTheOtherHalf() {
        // Given
        start(START.plusSeconds(2));
        var connections = connections();
        connections.pipeInput(FINGERPRINT, client(1).setBytesAcked(100).build());
        pass(25);

        // When
        connections.pipeInput(
                FINGERPRINT, server(2).setObservedAt(START.plusSeconds(2)).build());
        pass(2);

        // Then
        assertThat(statistics.settledAtBound.value()).isZero();
    }

    /** The wall clock of the instance jumps 25 h forward while a partition receives no records. */
    @Test
    @Disabled("A quiet partition follows the wall clock, so a step of that clock evicts open connections.")
    void stepOfTheWallClockCountsNothingTwice() {
        // Given
        start(START.plusSeconds(2));
        var connections = connections();
        connections.pipeInput(FINGERPRINT, client(1).setBytesAcked(1_000).build());
        connections.pipeInput(FINGERPRINT, server(2).setBytesReceived(1_000).build());
        pass(2);

        // When
        running().advanceWallClockTime(Duration.ofHours(25));
        pass(3);
        connections.pipeInput(
                FINGERPRINT,
                client(1)
                        .setBytesAcked(1_001)
                        .setObservedAt(START.plusSeconds(60))
                        .build());
        connections.pipeInput(
                FINGERPRINT,
                server(2)
                        .setBytesReceived(1_001)
                        .setObservedAt(START.plusSeconds(60))
                        .build());
        pass(2);

        // Then
        Map<LinkKey, LinkTotals> links = links().readKeyValuesToMap();
        assertThat(links.values().stream()
                        .mapToLong(LinkTotals::getBytesToServer)
                        .sum())
                .isEqualTo(1_001);
    }

    /** Kafka Streams and the validation both refuse a commit interval that exceeds the transaction timeout. */
    @Test
    void commitIntervalThatPassesValidationStarts() {
        assertThat(TopologyConfig.fromOptions("--state-dir=" + directory, "--identities=none", "--commit-interval=30s")
                        .problems())
                .isNotEmpty();

        TopologyConfig valid = TopologyConfig.fromOptions(
                "--state-dir=" + directory, "--identities=none", "--commit-interval=30s", "--transaction-timeout=31s");

        assertThat(valid.problems()).isEmpty();
        assertThatCode(() -> new StreamsConfig(StreamsSettings.streamsConfig(valid, statistics)))
                .doesNotThrowAnyException();
    }

    private void start(Instant wallClock) {
        // A long retention, so that no link is retired (removed) during a test: its bytes would be missing in the sums.
        TopologyConfig config =
                TopologyConfig.fromOptions("--state-dir=" + directory, "--identities=none", "--link-retention=7d");
        driver = TestDrivers.start(config, statistics, new CommittedStores(), wallClock);
    }

    private TopologyTestDriver running() {
        return Objects.requireNonNull(driver);
    }

    private TestInputTopic<Long, ConnectionSnapshot> connections() {
        return TestDrivers.connections(running());
    }

    private TestOutputTopic<LinkKey, LinkTotals> links() {
        return running()
                .createOutputTopic(
                        "natator.links",
                        NatatorSerdes.linkKey().deserializer(),
                        NatatorSerdes.linkTotals().deserializer());
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            running().advanceWallClockTime(Duration.ofSeconds(1));
        }
    }
}
