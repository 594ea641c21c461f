package io.natator.topology;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.DeadLetterReason;
import io.natator.topology.statistics.TopologyStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that thousands of damaged records among valid records do not stop the stream, and that each record is counted
 * as processed or refused.
 */
class BadInputFuzzTest {
    private static final int ROUNDS = 2_000;
    private static final int HEADER = 10;

    private final TopologyStatistics statistics = new TopologyStatistics();

    @TempDir
    Path stateDirectory = Path.of("");

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void streamContinues(long seed) {
        // Given
        var random = new SplittableRandom(seed);
        TopologyConfig config = TopologyConfig.fromOptions("--state-dir=" + stateDirectory, "--identities=none");
        try (var driver = TestDrivers.start(config, statistics, new CommittedStores(), START.plusSeconds(2))) {
            TestInputTopic<byte[], byte[]> connections = raw(driver, "natator.connections");
            TestInputTopic<byte[], byte[]> identities = raw(driver, "natator.identities");
            TestOutputTopic<byte[], byte[]> letters = driver.createOutputTopic(
                    "natator.dead-letters", new ByteArrayDeserializer(), new ByteArrayDeserializer());

            // When
            for (int round = 0; round < ROUNDS; round++) {
                long fingerprint = random.nextInt(50);
                byte[] key = new LongSerializer().serialize("", fingerprint);
                connections.pipeInput(new TestRecord<>(
                        random.nextInt(20) == 0 ? damaged(key, 0, random) : key,
                        random.nextInt(50) == 0 ? null : damaged(snapshot(fingerprint, random), HEADER, random)));
                byte[] identity = identity();
                identities.pipeInput(
                        IdentityKeys.ofAddress(
                                        address("10.0.0." + random.nextInt(9)).array())
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        random.nextInt(50) == 0 ? null : damaged(identity, HEADER, random));
                if (round % 50 == 0) {
                    driver.advanceWallClockTime(Duration.ofSeconds(1));
                }
            }

            // Then
            long refused = Stream.of(DeadLetterReason.values())
                    .mapToLong(reason -> statistics.refused(reason).value())
                    .sum();
            assertThat(statistics.snapshots.value() + refused)
                    .as("every record is processed or refused, seed %d", seed)
                    .isEqualTo(ROUNDS);
            assertThat(letters.readRecordsToList()).hasSize((int) refused);
            assertThat(refused).isBetween((long) ROUNDS / 10, (long) ROUNDS - 1);
            assertThat(statistics.undecodableIdentities.value()).isPositive();
            validSnapshotsStillCount(driver);
        }
    }

    private static void validSnapshotsStillCount(TopologyTestDriver driver) {
        TestOutputTopic<LinkKey, LinkTotals> links = TestDrivers.links(driver);
        List<TestRecord<LinkKey, LinkTotals>> damaged = links.readRecordsToList();
        assertThat(damaged)
                .allSatisfy(
                        record -> assertThat(record.value().getBytesToServer()).isNotNegative());
        TestDrivers.connections(driver)
                .pipeInput(
                        1_000L,
                        client(99)
                                .setRemoteAddress(address("8.8.8.8"))
                                .setRemotePort(4_443)
                                .setBytesAcked(17)
                                .build());
        driver.advanceWallClockTime(Duration.ofSeconds(20));
        driver.advanceWallClockTime(Duration.ofSeconds(1));
        assertThat(links.readKeyValuesToList()).anySatisfy(link -> {
            assertThat(link.key.getServerPort()).isEqualTo(4_443);
            assertThat(link.value.getBytesToServer()).isEqualTo(17);
        });
    }

    private static TestInputTopic<byte[], byte[]> raw(TopologyTestDriver driver, String topic) {
        return driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static byte[] snapshot(long fingerprint, RandomGenerator random) {
        ConnectionSnapshot.Builder half = random.nextBoolean() ? client(fingerprint) : server(fingerprint);
        return NatatorSerdes.connectionSnapshot()
                .encode((random.nextInt(5) == 0 ? closed(half) : half)
                        .setBytesAcked(random.nextLong(1_000_000))
                        .setBytesReceived(random.nextLong(1_000_000))
                        .build());
    }

    private static byte[] identity() {
        Identity pod = Identity.newBuilder()
                .setKind("Pod")
                .setNamespace("default")
                .setName("shop-1")
                .setWorkload(new ObjectRef("Deployment", "default", "shop"))
                .build();
        return NatatorSerdes.identity()
                .encode(new AddressOwners(List.of(new Ownership(pod, Instant.EPOCH, null)), null));
    }

    /**
     * Damages a record at random. A third of all records stay unchanged. Of the others, three quarters get changed
     * bytes after the header, and a quarter are truncated or lengthened.
     */
    private static byte[] damaged(byte[] bytes, int header, RandomGenerator random) {
        byte[] copy = bytes.clone();
        switch (random.nextInt(6)) {
            case 0, 1 -> {}
            case 2, 3, 4 -> {
                for (int i = 0; i <= random.nextInt(3); i++) {
                    copy[header + random.nextInt(copy.length - header)] = (byte) random.nextInt();
                }
            }
            default -> {
                return random.nextBoolean()
                        ? Arrays.copyOf(copy, random.nextInt(copy.length))
                        : Arrays.copyOf(copy, copy.length + 1 + random.nextInt(9));
            }
        }
        return copy;
    }
}
