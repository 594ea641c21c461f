package io.natator.topology.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.http.HttpService;
import io.natator.http.HttpSettings;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Protocol;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import io.natator.schemas.Topics;
import io.natator.schemas.Workload;
import io.natator.topology.TestBroker;
import io.natator.topology.query.LinkFilter;
import io.natator.topology.query.LinkJson;
import io.natator.topology.statistics.Counter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkEventsHandlerTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final EventLimits LIMITS = EventLimits.DEFAULT
            .withClients(3)
            .withQueueLength(50)
            .withInterval(Duration.ofMillis(100))
            .withHeartbeat(Duration.ofMillis(300));

    private static TestBroker broker;

    private final TopicSerdes serdes = TopicSerdes.of(null);
    private final String prefix = "t" + UUID.randomUUID().toString().substring(0, 8) + ".";
    private final Counter dropped = new Counter();
    private final List<AutoCloseable> open = new ArrayList<>();
    private LinkEventsHandler handler;
    private HttpService server;
    private KafkaProducer<LinkKey, LinkTotals> producer;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    @BeforeEach
    void start() throws Exception {
        Map<String, Object> client = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers());
        try (Admin admin = broker.admin()) {
            Topics.createMissing(admin, prefix, List.of(Topic.LINKS), 2);
        }
        producer = new KafkaProducer<>(
                client, serdes.linkKey().serializer(), serdes.linkTotals().serializer());
        open.add(producer);
        handler = new LinkEventsHandler(client, prefix, serdes, LinkFilter::of, LinkJson::text, dropped, LIMITS);
        server = new HttpService(HttpSettings.open("127.0.0.1", 0))
                .guarded("/api/events", handler)
                .start();
        open.add(server);
        open.add(handler);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closed : open.reversed()) {
            closed.close();
        }
    }

    private static LinkKey link(String client) {
        return new LinkKey(
                new Workload(client, "shop", "Deployment", "", "", ""),
                new Workload("cart", "shop", "Deployment", "", "", ""),
                80,
                Protocol.TCP,
                "");
    }

    /** @param bytes null for a tombstone */
    private void publish(String client, @Nullable Long bytes) throws Exception {
        @Nullable
        LinkTotals totals = bytes == null
                ? null
                : LinkTotals.newBuilder()
                        .setFirstSeen(Instant.EPOCH)
                        .setLastSeen(Instant.EPOCH)
                        .setBytesToServer(bytes)
                        .build();
        producer.send(new ProducerRecord<>(prefix + "links", link(client), totals))
                .get();
    }

    private URI uri(String query) {
        return URI.create("http://127.0.0.1:" + server.port() + "/api/events" + query);
    }

    /**
     * Connects a client, and returns the list in which it collects its events. Returns when the client is connected.
     */
    private List<String> listen(String query) throws IOException, InterruptedException {
        List<String> lines = new CopyOnWriteArrayList<>();
        HttpClient client = HttpClient.newHttpClient();
        open.add(client::shutdownNow);
        HttpResponse<Stream<String>> response =
                client.send(HttpRequest.newBuilder(uri(query)).build(), HttpResponse.BodyHandlers.ofLines());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        Thread.ofVirtual().start(() -> {
            try {
                response.body().forEach(lines::add);
            } catch (RuntimeException e) {
                lines.add("end");
            }
        });
        await().atMost(PATIENCE).until(() -> lines.contains(": nothing new"));
        return lines;
    }

    /** The kind of each event and the name of the link's client, in the order of the events. */
    private static List<String> events(List<String> lines) {
        List<String> events = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("event: ")) {
                events.add(line.substring("event: ".length()));
            } else if (line.startsWith("data: ")) {
                String name = line.replaceFirst(".*?\"name\":\"([^\"]*)\".*", "$1");
                events.add(events.removeLast() + " " + name);
            }
        }
        return events;
    }

    /** Waits until events are published. Before that, the reader must have read the whole topic once. */
    private void awaitBeginning(List<String> lines) {
        var number = new AtomicLong();
        await().atMost(PATIENCE).untilAsserted(() -> {
            publish("probe", number.incrementAndGet());
            assertThat(events(lines)).isNotEmpty();
        });
        publishAndForgetProbe(lines);
    }

    private void publishAndForgetProbe(List<String> lines) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            publish("probe", null);
            assertThat(events(lines)).last().asString().startsWith("retired");
        });
        lines.clear();
    }

    @Test
    void addedChangedAndRetiredLinksArePublished() throws Exception {
        // Given a link that was published before the client connected
        publish("old", 1L);
        List<String> lines = listen("");
        awaitBeginning(lines);

        // When
        publish("old", 1L); // As after a start of the topology, which publishes unchanged links too.
        publish("new", 1L);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(events(lines)).containsExactly("added new"));
        publish("old", 2L);
        publish("new", 3L);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(events(lines)).contains("changed old", "changed new"));
        publish("old", null);

        // Then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(events(lines)).last().isEqualTo("retired old"));
        assertThat(events(lines)).hasSize(4);
        assertThat(lines).anySatisfy(line -> assertThat(line).contains("\"bytesToServer\":3"));
    }

    @Test
    void changesOfALinkInOneIntervalAreOne() throws Exception {
        List<String> lines = listen("?client=busy");
        await().atMost(PATIENCE).untilAsserted(() -> {
            publish("busy", System.nanoTime());
            assertThat(events(lines)).isNotEmpty();
        });
        lines.clear();
        long begin = System.nanoTime();

        for (long i = 0; i < 300; i++) {
            publish("busy", i);
        }
        publish("other", 1L);
        await().atMost(PATIENCE).until(() -> lines.stream().anyMatch(line -> line.contains("\"bytesToServer\":299,")));

        long intervals = (System.nanoTime() - begin) / LIMITS.interval().toNanos();
        assertThat(events(lines)).containsOnly("changed busy");
        assertThat((long) events(lines).size()).isLessThanOrEqualTo(intervals + 1);
    }

    @Test
    void slowClientIsDisconnectedAndCounted() throws Exception {
        // Given one client that reads its events, and one that does not read
        List<String> lines = listen("");
        awaitBeginning(lines);
        try (var slow = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            slow.getOutputStream()
                    .write("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().atMost(PATIENCE).until(() -> handler.clients() == 2);

            // When there are more events than the socket buffers and the queue can hold
            String longName = "x".repeat(60_000);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
                for (int i = 0; i < 10; i++) {
                    publish(longName + UUID.randomUUID(), 1L);
                }
                return dropped.value() == 1;
            });
        }

        // Then the client that reads still receives events
        assertThat(handler.clients()).isEqualTo(1);
        publish("last", 1L);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(events(lines)).contains("added last"));
    }

    @Test
    void noMoreClientsConnectThanTheLimit() throws Exception {
        for (int i = 0; i < LIMITS.clients(); i++) {
            listen("");
        }

        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri("")).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("try again later");
    }

    @Test
    void wrongParametersAreReported() throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri("?limit=1")).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).isEqualTo("unknown parameter 'limit': use client, server, namespace, cluster\n");
    }
}
