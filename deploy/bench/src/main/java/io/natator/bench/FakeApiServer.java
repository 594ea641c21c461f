package io.natator.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fake API server with paged lists and watches, for clusters that are too large for a real control plane. A test
 * compares its responses with those of a real API server.
 */
final class FakeApiServer implements AutoCloseable {
    private static final int HTTP_OK = 200;
    private static final String METADATA_LIST = "application/json;as=PartialObjectMetadataList";

    private static final Pattern LIMIT = Pattern.compile("[?&]limit=(\\d+)");
    private static final Pattern CONTINUE = Pattern.compile("[?&]continue=(\\d+)");
    private static final Pattern TIMEOUT = Pattern.compile("[?&]timeoutSeconds=(\\d+)");

    private final FakeCluster cluster;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    /**
     * The events that are not sent to the watch yet, by resource. Each queue has a limit, so {@link #send} waits while
     * the client is slow.
     */
    private final Map<String, BlockingQueue<String>> events = new ConcurrentHashMap<>();

    FakeApiServer(FakeCluster cluster) throws IOException {
        this.cluster = cluster;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Sends an event to the watch of a resource. Each resource has one watch. */
    void send(String plural, String type, String object) throws InterruptedException {
        queue(plural).put("{\"type\":\"" + type + "\",\"object\":" + object + "}\n");
    }

    private BlockingQueue<String> queue(String plural) {
        return events.computeIfAbsent(plural, key -> new ArrayBlockingQueue<>(1_000));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String plural = path.substring(path.lastIndexOf('/') + 1);
            String query = "?" + exchange.getRequestURI().getRawQuery();
            boolean asList = String.valueOf(exchange.getRequestHeaders().getFirst("Accept"))
                    .startsWith(METADATA_LIST);
            FakeCluster.Kind kind = FakeCluster.Kind.of(plural, asList);
            if (query.contains("watch=true")) {
                watch(exchange, plural, kind, asList, number(TIMEOUT, query, 3_600));
            } else {
                list(exchange, kind, number(LIMIT, query, 500), number(CONTINUE, query, 0));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server was closed
        }
    }

    private static int number(Pattern parameter, String query, int otherwise) {
        Matcher matcher = parameter.matcher(query);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : otherwise;
    }

    private void list(HttpExchange exchange, FakeCluster.Kind kind, int limit, int from) throws IOException {
        int count = cluster.count(kind);
        int until = Math.min(count, from + limit);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(HTTP_OK, 0);
        try (OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
            write(
                    body,
                    "{\"kind\":\"" + kind.list + "\",\"apiVersion\":\"" + kind.apiVersion
                            + "\",\"metadata\":{\"resourceVersion\":\"1\""
                            + (until < count
                                    ? ",\"continue\":\"" + until + "\",\"remainingItemCount\":" + (count - until)
                                    : "")
                            + "},\"items\":");
            if (kind.isMetadata() && until <= from) {
                write(body, "null}");
                return;
            }
            for (int i = from; i < until; i++) {
                String object = cluster.object(kind, i);
                // Items of a typed list have neither kind nor apiVersion. Items of a list of metadata have both.
                String item = kind.isMetadata() ? object : "{" + object.substring(object.indexOf("\"metadata\""));
                write(body, (i == from ? "[" : ",") + item);
            }
            write(body, until <= from ? "[]}" : "]}");
        }
    }

    private void watch(HttpExchange exchange, String plural, FakeCluster.Kind kind, boolean asList, int seconds)
            throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(HTTP_OK, 0);
        BlockingQueue<String> queue = queue(plural);
        OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16);
        body.flush(); // sends the response's headers, so that the client knows that the watch is open
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            String event = queue.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null || asList) {
                // A real API server ends a watch that requests the media type of a list, and writes the reason to its
                // own log only.
                write(body, asList ? "" : bookmark(kind));
                body.flush();
                return;
            }
            write(body, event);
            if (queue.isEmpty()) {
                body.flush();
            }
        }
    }

    private static String bookmark(FakeCluster.Kind kind) {
        return "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"" + kind.object + "\",\"apiVersion\":\"" + kind.apiVersion
                + "\",\"metadata\":{\"resourceVersion\":\"1\"}}}\n";
    }

    private static void write(OutputStream body, String text) throws IOException {
        body.write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
