package io.natator.topology;

import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.deadletters.DeadLetters;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sends all kinds of bad records among valid records to the whole application, with a real broker. */
class BadInputTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int GOOD = 10;
    private static final int MEBI = 1 << 20;

    @TempDir
    private Path stateDirectory;

    private TestBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new TestBroker();
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    @Test
    void badSnapshotsAreRefusedOrCorrectedAndTheStreamContinues() throws Exception {
        // Given
        TopologyConfig config = TopologyConfig.fromOptions(
                "--bootstrap-servers=" + broker.bootstrapServers(),
                "--state-dir=" + stateDirectory,
                "--identities=none",
                "--partitions=1",
                "--threads=1",
                "--commit-interval=200ms",
                "--publish-interval=200ms",
                "--http-address=127.0.0.1",
                "--http-port=0");
        try (var app = new TopologyApp(config)) {
            app.start();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(app, "/readyz")).contains("no connection snapshot"));

            // When
            List<Expected> bad = bad();
            try (var producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", broker.bootstrapServers(), "max.request.size", 2 * MEBI),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                for (int i = 0; i < Math.max(GOOD, bad.size()); i++) {
                    if (i < GOOD) {
                        send(producer, "connections", key(i), encoded(good(i)));
                    }
                    if (i < bad.size()) {
                        send(
                                producer,
                                "connections",
                                bad.get(i).key(),
                                bad.get(i).value());
                    }
                }
                sendCorrected(producer);
                send(producer, "identities", "ip/10.0.0.2".getBytes(StandardCharsets.UTF_8), new byte[] {1, 2});
                send(producer, "identities", new byte[0], new byte[0]);
            }

            // Then
            List<String> kinds = bad.stream().map(Expected::kind).sorted().toList();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(letters().stream()
                                    .map(letter -> header(letter, DeadLetters.KIND))
                                    .sorted())
                            .isEqualTo(kinds));
            await().atMost(PATIENCE).untilAsserted(() -> {
                Map<Integer, Long> bytes = bytesByPort();
                assertThat(bytes)
                        .as(
                                "to port 4001: two sockets of one fingerprint, one with a decreased counter, and two with absurd times")
                        .containsOnly(Map.entry(4_000, GOOD * 100L), Map.entry(4_001, 7 + 20 + 1_000 + 2_000L));
            });
            assertThat(letters()).allSatisfy(letter -> {
                assertThat(header(letter, DeadLetters.REASON)).isNotBlank();
                assertThat(header(letter, DeadLetters.SOURCE)).startsWith("natator.connections/0/");
            });
            assertThat(letters())
                    .filteredOn(letter -> letter.headers().lastHeader(DeadLetters.VALUE_LENGTH) != null)
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.value()).hasSize(64 << 10));
            assertThat(metric(app, "natator_topology_dead_letters_total")).isEqualTo(bad.size());
            assertThat(metric(app, "natator_topology_collisions_total")).isEqualTo(1);
            assertThat(metric(app, "natator_topology_corrections_total")).isEqualTo(3);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(metric(app, "natator_topology_undecodable_identities_total"))
                            .isEqualTo(2));
            assertThat(get(app, "/healthz")).isEqualTo(get(app, "/readyz"));
        }
    }

    /** A bad record, and the kind of reason that its dead letter must have. */
    @SuppressWarnings("ArrayRecordComponent") // the record is never compared
    private record Expected(byte @Nullable [] key, byte @Nullable [] value, String kind) {}

    private static List<Expected> bad() {
        byte[] sound = encoded(good(100));
        byte[] unknownSchema = sound.clone();
        unknownSchema[2]++;
        byte[] endless = ByteBuffer.allocate(MEBI - 200).put(sound, 0, 10).array();
        return List.of(
                new Expected(key(100), unknownSchema, "UNDECODABLE"),
                new Expected(key(101), Arrays.copyOf(sound, sound.length - 3), "UNDECODABLE"),
                new Expected(key(102), "garbage".getBytes(StandardCharsets.UTF_8), "UNDECODABLE"),
                new Expected(key(103), new byte[0], "UNDECODABLE"),
                new Expected(key(104), new byte[] {0, 0, 0, 0, 7, 1, 2, 3}, "UNDECODABLE"),
                new Expected(key(105), endless, "UNDECODABLE"),
                new Expected(new byte[0], sound, "UNDECODABLE"),
                new Expected(new byte[] {1, 2, 3}, sound, "UNDECODABLE"),
                new Expected(null, sound, "INCOMPLETE"),
                new Expected(key(106), null, "INCOMPLETE"),
                new Expected(key(107), encoded(good(107).setBytesAcked(-1)), "NEGATIVE_COUNTER"),
                new Expected(key(108), encoded(good(108).setBytesReceived(Long.MAX_VALUE)), "ABSURD_COUNTER"),
                new Expected(key(109), encoded(good(109).setRemotePort(70_000)), "PORT"),
                new Expected(key(110), encoded(good(110).setLocalAddress(ByteBuffer.allocate(7))), "ADDRESS"),
                new Expected(key(111), encoded(good(111).setNode("n".repeat(500_000))), "TEXT"));
    }

    /**
     * Sends snapshots that the link to port 4001 counts. Three of them have to be corrected first, and one has the
     * fingerprint of another socket.
     */
    private static void sendCorrected(KafkaProducer<byte[], byte[]> producer) {
        for (ConnectionSnapshot.Builder half : List.of(
                odd(200, 7),
                // a counter that is smaller than in the previous report
                odd(200, 3).setObservedAt(Instant.now().plusSeconds(1)),
                // another socket, with the same fingerprint
                odd(201, 20))) {
            send(producer, "connections", key(200), encoded(half));
        }
        send(
                producer,
                "connections",
                key(202),
                encoded(odd(202, 1_000).setObservedAt(Instant.parse("2300-01-01T00:00:00Z"))));
        send(producer, "connections", key(203), encoded(odd(203, 2_000).setStartedAt(Instant.EPOCH)));
    }

    private static ConnectionSnapshot.Builder good(long cookie) {
        return odd(cookie, 100).setRemotePort(4_000);
    }

    private static ConnectionSnapshot.Builder odd(long cookie, long bytes) {
        Instant now = Instant.now();
        return client(cookie)
                .setRemoteAddress(address("203.0.113.9"))
                .setRemotePort(4_001)
                .setStartedAt(now.minusSeconds(1))
                .setObservedAt(now)
                .setBytesAcked(bytes);
    }

    private static byte[] key(long fingerprint) {
        return new LongSerializer().serialize("", fingerprint);
    }

    private static byte[] encoded(ConnectionSnapshot.Builder half) {
        return NatatorSerdes.connectionSnapshot().encode(half.build());
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer, String topic, byte @Nullable [] key, byte @Nullable [] value) {
        var _ = producer.send(new ProducerRecord<>("natator." + topic, key, value));
    }

    private List<ConsumerRecord<byte[], byte[]>> letters() {
        return consumed("natator.dead-letters");
    }

    private Map<Integer, Long> bytesByPort() {
        Map<Integer, Long> bytes = new HashMap<>();
        consumed("natator.links")
                .forEach(record -> bytes.put(
                        NatatorSerdes.linkKey().decode(record.key()).getServerPort(),
                        NatatorSerdes.linkTotals().decode(record.value()).getBytesToServer()));
        return bytes;
    }

    private List<ConsumerRecord<byte[], byte[]>> consumed(String topic) {
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = Objects.requireNonNull(
                    consumer.endOffsets(List.of(partition)).get(partition));
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(
                Objects.requireNonNull(letter.headers().lastHeader(name)).value(), StandardCharsets.UTF_8);
    }

    /** The sum of a metric over all its series. */
    private static double metric(TopologyApp app, String name) throws Exception {
        Matcher samples = Pattern.compile("^" + name + "(?:\\{.*\\})? (\\S+)$", Pattern.MULTILINE)
                .matcher(get(app, "/metrics"));
        double sum = 0;
        while (samples.find()) {
            sum += Double.parseDouble(samples.group(1));
        }
        return sum;
    }

    private static String get(TopologyApp app, String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + app.httpPort() + path);
            return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                    .body();
        }
    }
}
