package io.natator.topology;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.topology.ledger.LedgerTotal;
import io.natator.topology.ledger.LedgerTotalStore;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkRetirementTest {
    private final TopologyStatistics statistics = new TopologyStatistics();

    @TempDir
    Path stateDirectory = Path.of("");

    private TopologyTestDriver driver;
    private TestInputTopic<Long, ConnectionSnapshot> connections;
    private TestOutputTopic<LinkKey, LinkTotals> links;
    private Instant now = START;

    @BeforeEach
    void start() {
        TopologyConfig config =
                TopologyConfig.fromOptions("--state-dir=" + stateDirectory, "--identities=none", "--series-limit=6");
        driver = TestDrivers.start(config, statistics, new CommittedStores(), START);
        connections = TestDrivers.connections(driver);
        links = TestDrivers.links(driver);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private void pass(Duration time, Duration step) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(step)) {
            now = now.plus(step);
            driver.advanceWallClockTime(step);
        }
    }

    private ConnectionSnapshot.Builder external(long cookie, String server, long bytes) {
        return client(cookie)
                .setRemoteAddress(address(server))
                .setBytesAcked(bytes)
                .setStartedAt(now)
                .setObservedAt(now);
    }

    private void report(long fingerprint, ConnectionSnapshot snapshot) {
        connections.pipeInput(fingerprint, snapshot);
        pass(Duration.ofSeconds(1), Duration.ofSeconds(1));
    }

    private List<LinkTotals> stored() {
        KeyValueStore<Object, LinkTotals> totals = driver.getKeyValueStore("link-totals");
        List<LinkTotals> stored = new ArrayList<>();
        try (var all = totals.all()) {
            all.forEachRemaining(item -> stored.add(item.value));
        }
        return stored;
    }

    @Test
    void idleLinkIsRetiredWithATombstoneAndReturnsFromZero() {
        // Given
        report(1, closed(external(1, "8.8.8.8", 100)).build());
        links.readKeyValuesToList();

        // When
        pass(Duration.ofHours(26), Duration.ofMinutes(10));
        List<KeyValue<LinkKey, LinkTotals>> retired = links.readKeyValuesToList();
        Instant back = now;
        List<LinkTotals> remaining = stored();
        report(2, closed(external(2, "8.8.8.8", 7)).build());

        // Then
        assertThat(retired).singleElement().satisfies(record -> {
            assertThat(record.key.getServer().getName()).isEqualTo("8.8.8.8");
            assertThat(record.value).isNull();
        });
        assertThat(remaining).isEmpty();
        assertThat(statistics.retiredLinks.value()).isEqualTo(1);
        LinkTotals totals = links.readValue();
        assertThat(totals.getBytesToServer()).isEqualTo(7);
        assertThat(totals.getConnectionsOpened()).isEqualTo(1);
        assertThat(totals.getFirstSeen()).isEqualTo(back);
    }

    @Test
    void linkWithReportsStays() {
        // Given an open connection that has no further traffic
        report(1, external(1, "8.8.8.8", 100).build());

        // When
        for (int hour = 0; hour < 60; hour++) {
            pass(Duration.ofMinutes(60), Duration.ofMinutes(10));
            report(1, external(1, "8.8.8.8", 100).setStartedAt(START).build());
        }

        // Then
        assertThat(statistics.retiredLinks.value()).isZero();
        assertThat(stored()).hasSize(1);
        assertThat(links.readKeyValuesToList())
                .extracting(record -> record.value)
                .doesNotContainNull();
    }

    @Test
    void seriesOfARetiredLinkIsAvailableAgain() {
        // Given a limit of one series per partition, and a retired link that had this series
        report(1, closed(external(1, "8.8.8.8", 100)).build());
        pass(Duration.ofHours(26), Duration.ofMinutes(10));

        // When
        report(2, closed(external(2, "9.9.9.9", 7)).build());

        // Then
        assertThat(sum("other")).isZero();
        assertThat(sum("retired")).isEqualTo(100);
        assertThat(own()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void retirementDoesNotChangeTheSumOverLinks(long seed) {
        // Given
        var random = new SplittableRandom(seed);

        // When links are added and retired in random order
        for (int i = 0; i < 120; i++) {
            report(
                    i,
                    closed(external(i, "8.8.8." + random.nextInt(12), random.nextInt(1_000)))
                            .build());
            pass(Duration.ofHours(random.nextInt(6)), Duration.ofMinutes(30));
        }

        // Then
        KeyValueStore<String, LedgerTotal> attributed = driver.getKeyValueStore(LedgerTotalStore.STORE);
        assertThat(statistics.retiredLinks.value()).as("seed %d", seed).isGreaterThan(20);
        assertThat(own() + sum("other") + sum("retired"))
                .as("seed %d", seed)
                .isEqualTo(attributed.get(LedgerTotalStore.KEY).getBytesToServer());
    }

    private long sum(String key) {
        KeyValueStore<String, LinkTotals> sums = driver.getKeyValueStore("link-other");
        LinkTotals totals = sums.get(key);
        return totals == null ? 0 : totals.getBytesToServer();
    }

    private long own() {
        KeyValueStore<Object, byte[]> series = driver.getKeyValueStore("link-series");
        KeyValueStore<Object, LinkTotals> totals = driver.getKeyValueStore("link-totals");
        long bytes = 0;
        try (var all = series.all()) {
            while (all.hasNext()) {
                bytes += totals.get(all.next().key).getBytesToServer();
            }
        }
        return bytes;
    }
}
