package io.natator.topology;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Ownership;
import io.natator.schemas.PodRanges;
import io.natator.schemas.SocketOwner;
import io.natator.topology.deadletters.DeadLetters;
import io.natator.topology.ledger.LedgerTotal;
import io.natator.topology.ledger.LedgerTotalStore;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.DeadLetterReason;
import io.natator.topology.statistics.TopologyStatistics;
import io.natator.topology.statistics.UnresolvedReason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NatatorTopologyTest {
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final TopologyStatistics statistics = new TopologyStatistics();

    @TempDir
    Path stateDirectory = Path.of("");

    private TopologyTestDriver driver;
    private TestInputTopic<Long, ConnectionSnapshot> connections;
    private TestInputTopic<byte[], byte[]> rawConnections;
    private TestInputTopic<String, SpecificRecord> identities;
    private TestInputTopic<String, byte[]> rawIdentities;
    private TestOutputTopic<LinkKey, LinkTotals> links;
    private TestOutputTopic<LinkWindowKey, LinkWindow> windows;
    private TestOutputTopic<byte[], byte[]> deadLetters;

    @BeforeEach
    void start() {
        TopologyConfig config = TopologyConfig.fromOptions("--state-dir=" + stateDirectory, "--series-limit=6");
        driver = TestDrivers.start(config, statistics, new CommittedStores(), START.plusSeconds(2));
        TestDrivers.completeIdentities(driver);
        connections = TestDrivers.connections(driver);
        rawConnections =
                driver.createInputTopic("natator.connections", new ByteArraySerializer(), new ByteArraySerializer());
        identities = TestDrivers.identities(driver);
        rawIdentities = driver.createInputTopic(
                "natator.identities", NatatorSerdes.identityKey().serializer(), new ByteArraySerializer());
        links = TestDrivers.links(driver);
        windows = driver.createOutputTopic(
                "natator.link-throughput",
                NatatorSerdes.linkWindowKey().deserializer(),
                NatatorSerdes.linkWindow().deserializer());
        deadLetters = driver.createOutputTopic(
                "natator.dead-letters", new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private static String name(LinkKey link) {
        return link.getClient().getName() + ">" + link.getServer().getName();
    }

    @Test
    void totalsOfALinkArePublished() {
        // Given
        connections.pipeInput(
                7L, client(1).setBytesAcked(100).setSmoothedRttMicros(600).build());
        connections.pipeInput(7L, server(2).setBytesAcked(2_000).build());
        connections.pipeInput(8L, client(3).setBytesAcked(11).build());
        connections.pipeInput(8L, server(4).build());

        // When
        TestDrivers.pass(driver, 1);

        // Then
        Map<LinkKey, LinkTotals> published = links.readKeyValuesToMap();
        assertThat(published).hasSize(1);
        LinkTotals totals = published.values().iterator().next();
        assertThat(totals.getBytesToServer()).isEqualTo(111);
        assertThat(totals.getBytesToClient()).isEqualTo(2_000);
        assertThat(totals.getConnectionsOpened()).isEqualTo(2);
        assertThat(totals.getRttBuckets().get(3)).isEqualTo(1);
        assertThat(totals.getRttSumMicros()).isEqualTo(600);
        assertThat(totals.getFirstSeen()).isEqualTo(START);
    }

    @Test
    void firstDialledPortStays() {
        // Given
        connections.pipeInput(7L, client(1).setRemotePort(80).setBytesAcked(1).build());
        connections.pipeInput(7L, server(2).build());
        connections.pipeInput(8L, client(3).setRemotePort(81).setBytesAcked(20).build());
        connections.pipeInput(8L, server(4).build());

        // When
        connections.pipeInput(7L, client(1).setRemotePort(80).setBytesAcked(300).build());
        TestDrivers.pass(driver, 1);

        // Then
        assertThat(links.readKeyValuesToMap()).hasSize(1).allSatisfy((link, totals) -> {
            assertThat(link.getServerPort()).isEqualTo(8080);
            assertThat(totals.getDialledPort()).isEqualTo(80);
            assertThat(totals.getBytesToServer()).isEqualTo(320);
        });
    }

    @Test
    void unchangedLinkIsNotPublishedAgain() {
        // Given
        connections.pipeInput(7L, client(1).setBytesAcked(100).build());
        connections.pipeInput(7L, server(2).build());
        TestDrivers.pass(driver, 3);
        links.readKeyValuesToList();

        // When
        connections.pipeInput(7L, client(1).setBytesAcked(100).build());
        TestDrivers.pass(driver, 3);

        // Then
        assertThat(links.readKeyValuesToList()).isEmpty();
    }

    @Test
    void quietPartitionDecidesItsLinksAndFinishesItsWindows() {
        // Given one report with an internal remote address, and no further records
        connections.pipeInput(7L, client(1).setBytesAcked(100).build());

        // When
        TestDrivers.pass(driver, 15);
        List<KeyValue<LinkKey, LinkTotals>> settled = links.readKeyValuesToList();
        TestDrivers.pass(driver, 5 * 60);

        // Then
        assertThat(settled).hasSize(1);
        List<KeyValue<LinkWindowKey, LinkWindow>> published = windows.readKeyValuesToList();
        assertThat(published.getLast().value.getLast()).isTrue();
        assertThat(published.getLast().value.getBytesToServer()).isEqualTo(100);
        assertThat(published.getLast().key.getWindowStart()).isEqualTo(START);
        assertThat(published).filteredOn(window -> window.value.getLast()).hasSize(1);
        assertThat(statistics.settledAtBound.value()).isEqualTo(1);
    }

    @Test
    void longConnectionIsSpreadOverItsWindows() {
        // Given
        connections.pipeInput(7L, client(1).build());
        connections.pipeInput(7L, server(2).setObservedAt(START.plusSeconds(1)).build());

        // When the connection has more traffic two minutes later
        TestDrivers.pass(driver, 121);
        connections.pipeInput(
                7L,
                client(1)
                        .setBytesAcked(1_200)
                        .setObservedAt(START.plusSeconds(121))
                        .build());
        TestDrivers.pass(driver, 400);

        // Then
        Map<LinkWindowKey, LinkWindow> last = windows.readKeyValuesToMap();
        assertThat(last.values()).allMatch(LinkWindow::getLast);
        assertThat(last.values().stream().map(LinkWindow::getBytesToServer)).containsExactlyInAnyOrder(590L, 600L, 10L);
        assertThat(last.keySet().stream().map(LinkWindowKey::getWindowStart))
                .containsExactlyInAnyOrder(START, START.plus(WINDOW), START.plus(WINDOW.multipliedBy(2)));
    }

    @Test
    void deltaOfAFinalWindowCountsInTotalsOnly() {
        // Given a window that is final (does not change any more)
        connections.pipeInput(7L, client(1).setBytesAcked(100).build());
        connections.pipeInput(7L, server(2).build());
        TestDrivers.pass(driver, 400);
        windows.readKeyValuesToList();

        // When
        connections.pipeInput(
                9L,
                closed(client(3).setRemoteAddress(address("8.8.8.8")).setBytesAcked(50))
                        .build());
        TestDrivers.pass(driver, 2);

        // Then
        assertThat(windows.isEmpty()).isTrue();
        assertThat(statistics.lateBytes.value()).isEqualTo(50);
        assertThat(links.readKeyValuesToMap().values().stream().mapToLong(LinkTotals::getBytesToServer))
                .contains(50L);
    }

    @Test
    void onlyChangedIdentitiesEmptyTheCaches() {
        assertThat(statistics.identityChanges.value()).isZero();

        identities.pipeInput(IdentityKeys.ofPod("uid-1"), FakeIdentities.podOf("web"));
        assertThat(statistics.identityChanges.value()).isEqualTo(1);
    }

    /** A server with a public address can report too if nodes give the address to pods, so naming waits for it. */
    @Test
    void publicPodAddressesAreInternal() {
        // Given
        identities.pipeInput(IdentityKeys.POD_RANGES, new PodRanges(List.of("10.244.0.0/16", "2001:db8:7::/48")));

        // When
        connections.pipeInput(
                7L, client(1).setRemoteAddress(address("2001:db8:7::9")).build());
        connections.pipeInput(
                8L, client(1).setRemoteAddress(address("2001:db8:8::9")).build());
        TestDrivers.pass(driver, 1);

        // Then
        assertThat(links.readKeyValuesToList())
                .extracting(link -> link.key.getServer().getName())
                .containsExactly("2001:db8:8::9");

        // When
        identities.pipeInput(IdentityKeys.POD_RANGES, null);
        connections.pipeInput(
                9L, client(1).setRemoteAddress(address("2001:db8:7::10")).build());
        TestDrivers.pass(driver, 1);

        // Then
        assertThat(links.readKeyValuesToList())
                .extracting(link -> link.key.getServer().getName())
                .contains("2001:db8:7::10");
    }

    @Test
    void identitiesNameTheLink() {
        // Given
        identities.pipeInput(IdentityKeys.ofPod("uid-1"), FakeIdentities.podOf("web"));
        identities.pipeInput(IdentityKeys.ofPod("uid-2"), FakeIdentities.podOf("cart"));
        identities.pipeInput(
                "ip/10.96.0.1",
                new AddressOwners(List.of(new Ownership(FakeIdentities.service("cart"), START, null)), null));

        // When
        connections.pipeInput(
                7L,
                client(1)
                        .setOwner(SocketOwner.newBuilder().setPodUid("uid-1").build())
                        .setRemoteAddress(address("10.96.0.1"))
                        .build());
        connections.pipeInput(
                7L,
                server(2)
                        .setOwner(SocketOwner.newBuilder().setPodUid("uid-2").build())
                        .build());
        TestDrivers.pass(driver, 1);

        // Then
        LinkKey link = links.readKeyValue().key;
        assertThat(name(link)).isEqualTo("web>cart");
        assertThat(link.getVia()).isEqualTo("shop/cart:8080");
        assertThat(link.getClient().getZone()).isEqualTo("zone-1");
    }

    @Test
    void missingNamesAndWaitingTimeAreCounted() {
        // Given an end in a pod, and an end at an address, whose identities never become known
        connections.pipeInput(
                7L,
                client(1)
                        .setOwner(SocketOwner.newBuilder()
                                .setPodUid("uid-1")
                                .setCommand("curl")
                                .build())
                        .build());

        // When
        TestDrivers.pass(driver, 25);
        connections.pipeInput(8L, client(1).build());
        connections.pipeInput(8L, server(1).build());

        // Then
        assertThat(statistics.unresolved(UnresolvedReason.UNKNOWN_POD).value()).isEqualTo(1);
        assertThat(statistics.unresolved(UnresolvedReason.UNKNOWN_ADDRESS).value())
                .isEqualTo(1);
        assertThat(statistics.settledAtBound.value()).isEqualTo(1);
        assertThat(statistics.heldBackMicros.value()).isBetween(10_000_000L, 25_000_000L);
    }

    @Test
    void undecodableIdentityIsUnknownAndTheStreamContinues() {
        rawIdentities.pipeInput(IdentityKeys.ofPod("uid-1"), new byte[] {1, 2, 3});
        connections.pipeInput(
                7L,
                client(1)
                        .setOwner(SocketOwner.newBuilder()
                                .setPodUid("uid-1")
                                .setCommand("curl")
                                .build())
                        .build());
        TestDrivers.pass(driver, 25);

        assertThat(statistics.undecodableIdentities.value()).isEqualTo(1);
        assertThat(name(links.readKeyValue().key)).isEqualTo("curl>10.0.0.2");
    }

    @Test
    void unreadableRecordIsADeadLetterAndTheStreamContinues() {
        // Given
        byte[] key = new LongSerializer().serialize("", 5L);
        byte[] absurd = NatatorSerdes.connectionSnapshot()
                .encode(client(1).setBytesAcked(-4).build());

        // When
        rawConnections.pipeInput(key, "garbage".getBytes(StandardCharsets.UTF_8));
        rawConnections.pipeInput(new byte[3], absurd);
        rawConnections.pipeInput(key, absurd);
        rawConnections.pipeInput(new TestRecord<>(key, null));
        connections.pipeInput(7L, client(1).setRemoteAddress(address("8.8.8.8")).build());
        TestDrivers.pass(driver, 1);

        // Then
        List<TestRecord<byte[], byte[]>> letters = deadLetters.readRecordsToList();
        assertThat(letters)
                .extracting(letter -> header(letter, DeadLetters.KIND))
                .containsExactly("UNDECODABLE", "UNDECODABLE", "NEGATIVE_COUNTER", "INCOMPLETE");
        assertThat(letters.get(0).value()).isEqualTo("garbage".getBytes(StandardCharsets.UTF_8));
        assertThat(letters.get(2).value()).isEqualTo(absurd);
        assertThat(letters.get(2).key()).isEqualTo(key);
        assertThat(header(letters.get(2), DeadLetters.REASON)).contains("bytesAcked");
        assertThat(header(letters.get(2), DeadLetters.SOURCE)).isEqualTo("natator.connections/0/2");
        assertThat(statistics.refused(DeadLetterReason.UNDECODABLE).value()).isEqualTo(2);
        assertThat(links.readKeyValuesToList()).hasSize(1);
    }

    private static String header(TestRecord<byte[], byte[]> letter, String name) {
        return new String(
                Objects.requireNonNull(letter.headers().lastHeader(name)).value(), StandardCharsets.UTF_8);
    }

    @Test
    void endedConnectionsLeaveTheLedger() {
        connections.pipeInput(7L, closed(client(1)).build());
        connections.pipeInput(7L, closed(server(2)).build());
        TestDrivers.pass(driver, 12 * 60);

        assertThat(statistics.evictedEnded.value()).isEqualTo(1);
        driver.advanceWallClockTime(Duration.ofHours(25));
        TestDrivers.pass(driver, 3);
        assertThat(driver.getKeyValueStore("ledger").all().hasNext()).isFalse();
        assertThat(driver.getKeyValueStore("ledger-due").all().hasNext()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sumOverLinksAndOverWindowsEqualsTheSumOverConnections(long seed) {
        // Given more links than the limit of series
        var random = new SplittableRandom(seed);
        Map<LinkKey, LinkTotals> totals = new HashMap<>();
        List<KeyValue<LinkWindowKey, LinkWindow>> published = new ArrayList<>();
        long truth = 0;

        // When
        for (int i = 0; i < 300; i++) {
            long bytes = random.nextInt(100_000);
            truth += bytes;
            ConnectionSnapshot.Builder half = client(i)
                    .setRemoteAddress(address("8.8.8." + random.nextInt(20)))
                    .setBytesAcked(bytes)
                    .setStartedAt(START.plusSeconds(Math.max(0, i - random.nextInt(90))))
                    .setObservedAt(START.plusSeconds(i));
            connections.pipeInput((long) i, (random.nextBoolean() ? closed(half) : half).build());
            TestDrivers.pass(driver, 1);
            totals.putAll(links.readKeyValuesToMap());
            published.addAll(windows.readKeyValuesToList());
        }
        TestDrivers.pass(driver, 400);
        totals.putAll(links.readKeyValuesToMap());
        published.addAll(windows.readKeyValuesToList());

        // Then
        KeyValueStore<String, LedgerTotal> attributed = driver.getKeyValueStore(LedgerTotalStore.STORE);
        assertThat(attributed.get(LedgerTotalStore.KEY).getBytesToServer()).isEqualTo(truth);
        assertThat(totals).hasSize(20);
        assertThat(totals.values().stream()
                        .mapToLong(LinkTotals::getBytesToServer)
                        .sum())
                .as("seed %d", seed)
                .isEqualTo(truth);
        assertThat(published.stream()
                                .filter(window -> window.value.getLast())
                                .mapToLong(window -> window.value.getBytesToServer())
                                .sum()
                        + statistics.lateBytes.value())
                .isEqualTo(truth);
        assertThat(published.stream().filter(window -> window.value.getLast()).map(window -> window.key))
                .doesNotHaveDuplicates();
        assertThat(otherBytes() + ownBytes()).isEqualTo(truth);
        assertThat(otherBytes()).isPositive();
    }

    private long otherBytes() {
        KeyValueStore<String, LinkTotals> other = driver.getKeyValueStore("link-other");
        return other.get("other").getBytesToServer();
    }

    private long ownBytes() {
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
