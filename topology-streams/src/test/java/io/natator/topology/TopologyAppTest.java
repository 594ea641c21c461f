package io.natator.topology;

import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.TopologyConfig.GroupProtocol;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the whole application, with a real broker, exactly-once processing, state on disk and HTTP. */
class TopologyAppTest {
    private static final int CONNECTIONS = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static TestBroker broker;

    @TempDir
    Path stateDirectory = Path.of("");

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    private TopologyConfig config(String prefix, String... options) {
        return config(broker.bootstrapServers(), prefix, stateDirectory, options);
    }

    private static TopologyConfig config(String servers, String prefix, Path directory, String... options) {
        return TopologyConfig.fromOptions(Stream.concat(
                        Stream.of(
                                "--bootstrap-servers=" + servers,
                                "--topic-prefix=" + prefix,
                                "--application-id=" + prefix + "app",
                                "--state-dir=" + directory,
                                "--identities=none",
                                "--threads=2",
                                "--partitions=3",
                                "--commit-interval=200ms",
                                "--publish-interval=200ms",
                                "--http-address=127.0.0.1",
                                "--http-port=0"),
                        Stream.of(options))
                .toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(GroupProtocol.class)
    void snapshotsBecomeLinksInAllOutputsAndARestartLosesNothing(GroupProtocol protocol) throws Exception {
        // Given
        String prefix = "t" + UUID.randomUUID().toString().substring(0, 8) + ".";
        TopologyConfig config = config(prefix, "--group-protocol=" + protocol);
        double before;
        try (var app = new TopologyApp(config)) {
            app.start();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(app, "/readyz").body()).contains("no connection snapshot"));
            assertThat(get(app, "/readyz").statusCode()).isEqualTo(503);

            // When
            produce(prefix, 0, 1_000);
            produceGarbage(prefix);

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(get(app, "/readyz").statusCode()).isEqualTo(200));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(scraped(app, "natator_link_bytes_total", "to_server"))
                            .isEqualTo(CONNECTIONS * 1_000.0));
            assertThat(links(prefix)).hasSize(1);
            LinkTotals totals = links(prefix).values().iterator().next();
            assertThat(totals.getBytesToServer()).isEqualTo(CONNECTIONS * 1_000L);
            assertThat(totals.getBytesToClient()).isEqualTo(CONNECTIONS * 5_000L);
            assertThat(totals.getConnectionsOpened()).isEqualTo(CONNECTIONS);
            assertThat(deadLetterCount(prefix)).isEqualTo(2);
            assertThat(get(app, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(app, "/api/links?limit=1").body())
                    .contains("\"name\":\"curl\"")
                    .contains("\"bytesToServer\":" + CONNECTIONS * 1_000);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(scraped(app, "natator_topology_attributed_bytes", "ledger"))
                        .isEqualTo(CONNECTIONS * 6_000.0);
                assertThat(scraped(app, "natator_topology_attributed_bytes", "links"))
                        .isEqualTo(CONNECTIONS * 6_000.0);
            });
            assertThat(scraped(app, "caretta_links_observed", "role=\"1\"")).isEqualTo(CONNECTIONS * 1_000.0);
            assertThat(scraped(app, "caretta_tcp_states", "role=\"2\"")).isEqualTo(4);
            assertThatPromtoolFindsNothing(get(app, "/metrics").body());
            assertThat(openMetrics(app))
                    .contains("# TYPE natator_link_bytes counter")
                    .endsWith("# EOF\n");
            before = scraped(app, "natator_link_bytes_total", "to_server");
        }

        // When the application is restarted, and the connections have more traffic
        try (var app = new TopologyApp(config)) {
            app.start();
            await().atMost(PATIENCE).until(() -> scraped(app, "natator_link_bytes_total", "to_server") > 0);
            double first = scraped(app, "natator_link_bytes_total", "to_server");
            produce(prefix, 0, 1_500);

            // Then
            assertThat(first).isEqualTo(before);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(scraped(app, "natator_link_bytes_total", "to_server"))
                            .isEqualTo(CONNECTIONS * 1_500.0));
            assertThat(scraped(app, "natator_link_connections_total", "")).isEqualTo(CONNECTIONS);
        }
    }

    /** Scrapes metrics in the format OpenMetrics, with the request headers that Prometheus 2 and later send. */
    private String openMetrics(TopologyApp app) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.httpPort() + "/metrics"))
                        .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("application/openmetrics-text");
        return response.body();
    }

    /**
     * Checks metrics with promtool (in the Debian package prometheus). If promtool is not installed, nothing is
     * checked.
     */
    private static void assertThatPromtoolFindsNothing(String metrics) throws IOException, InterruptedException {
        Process promtool;
        try {
            promtool = new ProcessBuilder("promtool", "check", "metrics")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            System.err.println("promtool is not here: the metrics are not checked by it");
            return;
        }
        try (var in = promtool.getOutputStream()) {
            in.write(metrics.getBytes(StandardCharsets.UTF_8));
        }
        String findings = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(findings).isZero();
        assertThat(findings.lines().filter(line -> !line.startsWith("caretta_")))
                .isEmpty();
    }

    @Test
    void lostStateIsRestoredFromKafka(@TempDir Path elsewhere) throws Exception {
        // Given
        String prefix = "t" + UUID.randomUUID().toString().substring(0, 8) + ".";
        try (var app = new TopologyApp(config(prefix))) {
            app.start();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(app, "/readyz").body()).contains("no connection snapshot"));
            produce(prefix, 0, 700);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(scraped(app, "natator_link_bytes_total", "to_server"))
                            .isEqualTo(CONNECTIONS * 700.0));
        }

        // When the same application starts with an empty state directory
        try (var app = new TopologyApp(config(broker.bootstrapServers(), prefix, elsewhere))) {
            app.start();
            produce(prefix, 0, 700);

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(get(app, "/readyz").statusCode()).isEqualTo(200));
            assertThat(scraped(app, "natator_link_bytes_total", "to_server")).isEqualTo(CONNECTIONS * 700.0);
            assertThat(scraped(app, "natator_link_connections_total", "")).isEqualTo(CONNECTIONS);
        }
    }

    @Test
    void finalWindowStaysFinalOverARestart() throws Exception {
        // Given a window that is final (does not change any more)
        String prefix = "t" + UUID.randomUUID().toString().substring(0, 8) + ".";
        TopologyConfig config = config(prefix, "--window=1s", "--window-grace=5s", "--window-retention=1m");
        Instant then;
        try (var app = new TopologyApp(config)) {
            app.start();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(app, "/readyz").body()).contains("no connection snapshot"));
            then = Instant.now().truncatedTo(ChronoUnit.MICROS);
            produceExternal(prefix, 1, then, 10);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(lastWindows(prefix).values())
                            .extracting(LinkWindow::getLast)
                            .containsExactly(true));
        }

        // When more bytes of this window arrive after a restart
        try (var app = new TopologyApp(config)) {
            app.start();
            produceExternal(prefix, 2, then, 5);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(scraped(app, "natator_link_bytes_total", "to_server"))
                            .isEqualTo(15));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(late(app)).isEqualTo(5));
        }

        // Then
        assertThat(lastWindows(prefix).values()).singleElement().satisfies(window -> {
            assertThat(window.getLast()).isTrue();
            assertThat(window.getBytesToServer()).isEqualTo(10);
        });
    }

    private void produceExternal(String prefix, long cookie, Instant at, long bytes) {
        try (var producer = new KafkaProducer<>(
                producerSettings(),
                new LongSerializer(),
                NatatorSerdes.connectionSnapshot().serializer())) {
            var _ = producer.send(new ProducerRecord<>(
                    prefix + "connections",
                    cookie,
                    Snapshots.client(cookie)
                            .setRemoteAddress(address("8.8.8.8"))
                            .setBytesAcked(bytes)
                            .setStartedAt(at)
                            .setObservedAt(at)
                            .build()));
        }
    }

    private static Map<LinkWindowKey, LinkWindow> lastWindows(String prefix) {
        Map<LinkWindowKey, LinkWindow> windows = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : consumed(prefix + "link-throughput")) {
            windows.put(
                    NatatorSerdes.linkWindowKey().decode(record.key()),
                    NatatorSerdes.linkWindow().decode(record.value()));
        }
        return windows;
    }

    private double late(TopologyApp app) throws IOException, InterruptedException {
        Matcher sample = Pattern.compile("^natator_topology_late_bytes_total (\\S+)$", Pattern.MULTILINE)
                .matcher(get(app, "/metrics").body());
        assertThat(sample.find()).isTrue();
        return Double.parseDouble(sample.group(1));
    }

    @Test
    void unreachableBrokerIsAwaited() throws Exception {
        try (var app = new TopologyApp(config("127.0.0.1:1", "none.", stateDirectory))) {
            app.start();

            assertThat(get(app, "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(app, "/readyz").body()).isEqualTo("waiting for the broker\n");
            assertThat(get(app, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(app, "/api/links").statusCode()).isEqualTo(503);
            assertThat(get(app, "/metrics").statusCode()).isEqualTo(200);
        }
    }

    private void produce(String prefix, long firstFingerprint, long bytes) {
        try (var producer = new KafkaProducer<>(
                producerSettings(),
                new LongSerializer(),
                NatatorSerdes.connectionSnapshot().serializer())) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
            for (long i = firstFingerprint; i < firstFingerprint + CONNECTIONS; i++) {
                ConnectionSnapshot.Builder client = Snapshots.client(i).setBytesAcked(bytes);
                ConnectionSnapshot.Builder server = Snapshots.server(i).setBytesAcked(5 * bytes);
                for (ConnectionSnapshot.Builder half : List.of(client, server)) {
                    half.setStartedAt(now.minusSeconds(1)).setObservedAt(now);
                    half.setRemoteAddress(address("10.0.0.9"));
                    var _ = producer.send(
                            new ProducerRecord<>(prefix + "connections", i * 0x9E3779B97F4A7C15L, half.build()));
                }
            }
        }
    }

    private void produceGarbage(String prefix) {
        try (var producer =
                new KafkaProducer<>(producerSettings(), new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[] key = new byte[8];
            var _ = producer.send(
                    new ProducerRecord<>(prefix + "connections", key, "garbage".getBytes(StandardCharsets.UTF_8)));
            var _ = producer.send(new ProducerRecord<>(
                    prefix + "connections",
                    key,
                    NatatorSerdes.connectionSnapshot()
                            .encode(Snapshots.client(1).setLocalPort(70_000).build())));
            var _ = producer.send(new ProducerRecord<>(
                    prefix + "identities", "pod/x".getBytes(StandardCharsets.UTF_8), new byte[] {1}));
        }
    }

    private static Map<String, Object> producerSettings() {
        // At most one request at a time, as in the collector. With several, a later batch can arrive first in a new
        // partition, and the broker then refuses the earlier batch (KAFKA-19880).
        return Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.bootstrapServers(),
                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                1);
    }

    /** The latest record of each link in the topic {@code links}, read by a plain consumer. */
    private static Map<LinkKey, LinkTotals> links(String prefix) {
        Map<LinkKey, LinkTotals> links = new HashMap<>();
        await().atMost(PATIENCE).untilAsserted(() -> {
            for (ConsumerRecord<byte[], byte[]> record : consumed(prefix + "links")) {
                links.put(
                        NatatorSerdes.linkKey().decode(record.key()),
                        NatatorSerdes.linkTotals().decode(record.value()));
            }
            assertThat(links.values().stream()
                            .mapToLong(LinkTotals::getConnectionsOpened)
                            .sum())
                    .isEqualTo(CONNECTIONS);
        });
        return links;
    }

    private static int deadLetterCount(String prefix) {
        return consumed(prefix + "dead-letters").size();
    }

    private static List<ConsumerRecord<byte[], byte[]>> consumed(String topic) {
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new org.apache.kafka.common.TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            var ends = consumer.endOffsets(partitions);
            var records = new java.util.ArrayList<ConsumerRecord<byte[], byte[]>>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    private HttpResponse<String> get(TopologyApp app, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.httpPort() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The sum of a metric over all series whose labels contain the given text. */
    private double scraped(TopologyApp app, String metric, String labels) throws IOException, InterruptedException {
        Matcher samples = Pattern.compile("^" + metric + "\\{(.*)\\} (\\S+)$", Pattern.MULTILINE)
                .matcher(get(app, "/metrics").body());
        double sum = 0;
        while (samples.find()) {
            if (samples.group(1).contains(labels)) {
                sum += Double.parseDouble(samples.group(2));
            }
        }
        return sum;
    }
}
