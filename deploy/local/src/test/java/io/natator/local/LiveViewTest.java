package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests what {@code deploy/local/up} prints while the pipeline runs. */
@Timeout(30)
class LiveViewTest {
    private static final String NO_LINKS = "200 {\"complete\": true, \"links\": []}";
    private static final String ONE_LINK = """
            200 {"complete": true, "links": [{"client": {"kind": "process", "name": "curl"},
             "server": {"kind": "process", "name": "nginx"}, "serverPort": 80, "bytesToServer": 1}]}""";
    private static final LiveView.Refresh FAST = new LiveView.Refresh(Duration.ofMillis(1), Duration.ofMillis(1));

    private final FakeServices services = new FakeServices();
    private final StringWriter out = new StringWriter();
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile Optional<String> failure = Optional.empty();
    private volatile String notice = "";
    private Future<?> view;

    /**
     * Answers as topology-streams and the collector do. The real services cannot be used, because BPF observes the
     * whole machine, whose other processes open connections.
     */
    private static final class FakeServices implements AutoCloseable {
        private final Map<String, String> responses = new ConcurrentHashMap<>();
        private final HttpServer topology = server("topology");
        private final HttpServer collector = server("collector");

        private HttpServer server(String name) {
            try {
                HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
                server.createContext("/", exchange -> {
                    String response = responses.getOrDefault(
                            name + exchange.getRequestURI().getPath(), "503 not yet");
                    byte[] body = response.substring(4).getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(Integer.parseInt(response.substring(0, 3)), body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
                server.start();
                return server;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        void answer(String path, String response) {
            responses.put(path, response);
        }

        @Override
        public void close() {
            topology.stop(0);
            collector.stop(0);
        }
    }

    @BeforeEach
    void show() {
        var client = new LinksClient(
                services.topology.getAddress().getPort(),
                services.collector.getAddress().getPort());
        var state = new LiveView.State(() -> failure, () -> notice);
        view = Executors.newVirtualThreadPerTaskExecutor().submit(() -> {
            try (client) {
                new LiveView(client, state, new LinkTable(10), FAST, new PrintWriter(out, true), false).show(stop);
            }
            return null;
        });
    }

    @AfterEach
    void close() throws Exception {
        stop.countDown();
        view.get();
        services.close();
    }

    private void awaitText(String text) {
        Awaitility.await().untilAsserted(() -> assertThat(out.toString()).contains(text));
    }

    @Test
    void showsWhatItWaitsForAndThenTheLinks() {
        awaitText("natator: waiting: not yet");

        services.answer("topology/api/links", ONE_LINK);
        services.answer("topology/readyz", "200 ok");

        awaitText("natator: ready; the busiest links follow, Ctrl-C stops");
        awaitText("nginx:80");
        assertThat(out.toString()).containsOnlyOnce("waiting:");
    }

    @Test
    void isReadyWithoutConnectionsAndShowsTheFirstOne() {
        services.answer("topology/readyz", "503 no connection snapshot has been received yet: is a collector running?");
        services.answer("topology/api/links", NO_LINKS);
        services.answer("collector/readyz", "200 ok");

        awaitText("natator: ready; no connection was seen yet, Ctrl-C stops");
        assertThat(out.toString()).doesNotContain("CLIENT");

        services.answer("topology/api/links", ONE_LINK);

        awaitText("nginx:80");
    }

    @Test
    void isNotReadyBeforeTheCollectorAndTheWholeTopologyAre() {
        services.answer("topology/api/links", "200 {\"complete\": false, \"links\": []}");
        services.answer("collector/readyz", "200 ok");
        awaitText("natator: waiting: not yet");

        services.answer("collector/readyz", "503 waiting for Kafka");
        services.answer("topology/api/links", NO_LINKS);
        services.answer("topology/readyz", "503 the collector has sent nothing");

        awaitText("natator: waiting: the collector has sent nothing");
        assertThat(out.toString()).doesNotContain("ready;");
    }

    @Test
    void endsIfThePipelineFailsBeforeItIsReady() throws Exception {
        awaitText("natator: waiting: not yet");

        failure = Optional.of("the stream cannot start: broken");

        view.get();
        assertThat(out.toString()).doesNotContain("ready;").doesNotContain("broken");
    }

    @Test
    void showsEachChangeOfTheClusterOnce() {
        services.answer("topology/api/links", ONE_LINK);
        services.answer("topology/readyz", "200 ok");
        awaitText("nginx:80");

        notice = "the API server is gone";
        awaitText("natator: the API server is gone");
        notice = "the API server is back";
        awaitText("natator: the API server is back");

        assertThat(out.toString()).containsOnlyOnce("gone").containsOnlyOnce("back");
    }
}
