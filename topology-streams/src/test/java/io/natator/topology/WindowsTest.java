package io.natator.topology;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.link.LinkReader;
import io.natator.topology.link.LinkReader.Link;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests time windows of one minute, with a grace period of two minutes and a retention of fifteen minutes. */
class WindowsTest {
    private final TopologyStatistics statistics = new TopologyStatistics();
    private final CommittedStores stores = new CommittedStores();
    private final LinkReader reader = new LinkReader(stores);

    @TempDir
    Path stateDirectory = Path.of("");

    private TopologyTestDriver driver;
    private TestInputTopic<Long, ConnectionSnapshot> connections;
    private TestOutputTopic<LinkWindowKey, LinkWindow> windows;

    @BeforeEach
    void start() {
        TopologyConfig config = TopologyConfig.fromOptions("--state-dir=" + stateDirectory, "--identities=none");
        driver = TestDrivers.start(config, statistics, stores, START.plusSeconds(2));
        connections = TestDrivers.connections(driver);
        windows = driver.createOutputTopic(
                "natator.link-throughput",
                NatatorSerdes.linkWindowKey().deserializer(),
                NatatorSerdes.linkWindow().deserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    /**
     * Reports a connection to an external address. Its link is decided at once, because nothing better can become
     * known.
     */
    private void report(long fingerprint, Instant started, Instant observed, long bytes) {
        connections.pipeInput(
                fingerprint,
                client(fingerprint)
                        .setRemoteAddress(address("8.8.8.8"))
                        .setStartedAt(started)
                        .setObservedAt(observed)
                        .setBytesAcked(bytes)
                        .build());
    }

    private void pass(Duration time) {
        for (long i = 0; i < time.toSeconds(); i++) {
            driver.advanceWallClockTime(Duration.ofSeconds(1));
        }
        stores.committed();
    }

    /** The latest published record of each window, by window start. */
    private Map<Instant, LinkWindow> published() {
        Map<Instant, LinkWindow> last = new TreeMap<>();
        windows.readKeyValuesToList().forEach(item -> last.put(item.key.getWindowStart(), item.value));
        return last;
    }

    private List<LinkTotals> asked(Instant from, Instant to) {
        return reader.windows(from, to).stream()
                .flatMap(partition -> partition.links().stream())
                .map(Link::totals)
                .toList();
    }

    @Test
    void socketThatIsDaysOldOpensNoWindowsInThePast() {
        // When the first report of a connection has the traffic of three days
        report(1, START.minus(Duration.ofDays(3)), START, 3 * 24 * 60);
        pass(Duration.ofSeconds(2));

        // Then each open window has its share of one byte per minute, and all other bytes are late
        Map<Instant, LinkWindow> published = published();
        assertThat(published).hasSize(2);
        assertThat(published.values().stream().mapToLong(LinkWindow::getBytesToServer))
                .containsOnly(1L);
        assertThat(statistics.lateBytes.value()).isEqualTo(3 * 24 * 60 - 2);
    }

    @Test
    void lateDeltaCountsInItsWindowWithinGraceAndLaterInTotalsOnly() {
        // Given a clock at 12:02:30
        report(1, START, START, 0);
        Instant now = START.plusSeconds(150);
        pass(Duration.ofSeconds(148));
        report(2, now, now, 1);

        // When late bytes arrive: of 12:00:30, within the grace period, and of 11:58:30, after the grace period
        report(3, START.plusSeconds(30), START.plusSeconds(30), 10);
        report(4, START.minusSeconds(90), START.minusSeconds(90), 100);
        pass(Duration.ofSeconds(400));

        // Then
        Map<Instant, LinkWindow> published = published();
        assertThat(published).hasEntrySatisfying(START, window -> {
            assertThat(window.getBytesToServer()).isEqualTo(10);
            assertThat(window.getLast()).isTrue();
        });
        assertThat(published).doesNotContainKey(START.minusSeconds(120));
        assertThat(statistics.lateBytes.value()).isEqualTo(100);
        assertThat(reader.totals().getFirst().links())
                .singleElement()
                .satisfies(link -> assertThat(link.totals().getBytesToServer()).isEqualTo(111));
    }

    @Test
    void rangeOfTimeIsTheSumOfItsWindowsFinalOnesIncluded() {
        for (int minute = 0; minute < 5; minute++) {
            Instant at = START.plusSeconds(60L * minute + 5);
            report(10 + minute, at, at, 1L << minute);
            pass(Duration.ofSeconds(60));
        }

        assertThat(published())
                .hasEntrySatisfying(
                        START, window -> assertThat(window.getLast()).isTrue());
        assertThat(asked(START, START.plusSeconds(300)))
                .singleElement()
                .satisfies(sum -> assertThat(sum.getBytesToServer()).isEqualTo(31));
        assertThat(asked(START.plusSeconds(60), START.plusSeconds(180)))
                .singleElement()
                .satisfies(sum -> {
                    assertThat(sum.getBytesToServer()).isEqualTo(2 + 4);
                    assertThat(sum.getConnectionsOpened()).isEqualTo(2);
                    assertThat(sum.getFirstSeen()).isEqualTo(START.plusSeconds(60));
                    assertThat(sum.getLastSeen()).isEqualTo(START.plusSeconds(180));
                });
        assertThat(asked(START.plusSeconds(600), START.plusSeconds(900))).isEmpty();
    }

    @Test
    void finalWindowIsDeletedAfterItsRetentionAndPublishedOnlyOnce() {
        // Given
        report(1, START, START, 7);
        pass(Duration.ofMinutes(14));
        assertThat(asked(START, START.plusSeconds(60))).hasSize(1);
        windows.readKeyValuesToList();

        // When
        pass(Duration.ofMinutes(6));

        // Then
        assertThat(asked(START, START.plusSeconds(60))).isEmpty();
        assertThat(windows.isEmpty()).isTrue();
    }
}
