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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fake of the API server's lists in pages and its watches over HTTP, for clusters that are too large for fabric8's
 * double. It knows no WebSockets: clients fall back to plain watches, as they do with servers of that kind.
 */
final class FakeApiServer implements AutoCloseable {
    private static final int HTTP_OK = 200;
    /** What fabric8 takes for "no WebSockets here". */
    private static final int NO_UPGRADE = 200;

    /** The headers leave with the first bytes only, so there have to be some. */
    private static final String BOOKMARK = "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\","
            + "\"metadata\":{\"resourceVersion\":\"1\"}}}\n";

    private static final Pattern LIMIT = Pattern.compile("[?&]limit=(\\d+)");
    private static final Pattern CONTINUE = Pattern.compile("[?&]continue=(\\d+)");

    private final FakeCluster cluster;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    /** What is to be sent to the watches of a resource; bounded, so that whoever tells waits for whoever listens. */
    private final Map<String, BlockingQueue<String>> events = new ConcurrentHashMap<>();

    FakeApiServer(FakeCluster cluster) throws IOException {
        this.cluster = cluster;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Tells the watch of a resource; there is one of each. */
    void tell(String plural, String type, String object) throws InterruptedException {
        queue(plural).put("{\"type\":\"" + type + "\",\"object\":" + object + "}\n");
    }

    private BlockingQueue<String> queue(String plural) {
        return events.computeIfAbsent(plural, key -> new ArrayBlockingQueue<>(1_000));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String plural = path.substring(path.lastIndexOf('/') + 1);
            String query = "?" + exchange.getRequestURI().getRawQuery();
            if (exchange.getRequestHeaders().containsKey("Sec-WebSocket-Key")) {
                exchange.sendResponseHeaders(NO_UPGRADE, -1);
            } else if (query.contains("watch=true")) {
                watch(exchange, plural);
            } else {
                list(exchange, plural, number(LIMIT, query, 500), number(CONTINUE, query, 0));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private static int number(Pattern parameter, String query, int otherwise) {
        Matcher matcher = parameter.matcher(query);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : otherwise;
    }

    private void list(HttpExchange exchange, String plural, int limit, int from) throws IOException {
        FakeCluster.Kind kind = FakeCluster.Kind.of(plural);
        int until = Math.min(cluster.count(kind), from + limit);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(HTTP_OK, 0);
        try (OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
            write(
                    body,
                    "{\"kind\":\"" + kind.list + "\",\"apiVersion\":\"" + kind.apiVersion
                            + "\",\"metadata\":{\"resourceVersion\":\"1\""
                            + (until < cluster.count(kind) ? ",\"continue\":\"" + until + "\"" : "") + "},\"items\":[");
            for (int i = from; i < until; i++) {
                write(body, (i == from ? "" : ",") + cluster.object(kind, i));
            }
            write(body, "]}");
        }
    }

    private void watch(HttpExchange exchange, String plural) throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(HTTP_OK, 0);
        BlockingQueue<String> queue = queue(plural);
        OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16);
        write(body, BOOKMARK);
        body.flush();
        while (true) {
            write(body, queue.take());
            if (queue.isEmpty()) {
                body.flush();
            }
        }
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
