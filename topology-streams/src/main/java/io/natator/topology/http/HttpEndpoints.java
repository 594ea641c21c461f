package io.natator.topology.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: GET and HEAD of fixed paths, one virtual thread per request. Bound from the start until closed. */
public final class HttpEndpoints implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpEndpoints.class);

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Binds the address and serves.
     *
     * @param port 0 for any that is free
     * @param handlers by exact path
     * @throws IOException if the address cannot be bound, with a reason for a person
     */
    public HttpEndpoints(String address, int port, Map<String, HttpHandler> handlers) throws IOException {
        try {
            server = HttpServer.create(new InetSocketAddress(address, port), 0);
        } catch (IOException | RuntimeException e) {
            executor.close();
            throw new IOException(
                    "cannot listen on " + address + ":" + port + ": " + e.getMessage()
                            + ": stop what uses it, or choose another with --http-address and --http-port",
                    e);
        }
        server.setExecutor(executor);
        server.createContext("/", exchange -> serve(exchange, handlers));
        server.start();
    }

    /** The port it is bound to. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private static void serve(HttpExchange exchange, Map<String, HttpHandler> handlers) throws IOException {
        try (exchange) {
            HttpHandler handler = handlers.get(exchange.getRequestURI().getPath());
            if (handler == null) {
                text(exchange, 404, "not found: try " + String.join(" ", handlers.keySet()) + "\n");
            } else if (!exchange.getRequestMethod().equals("GET")
                    && !exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                text(exchange, 405, "only GET and HEAD\n");
            } else {
                handler.handle(exchange);
            }
        } catch (RuntimeException e) {
            log.atWarn()
                    .addKeyValue("path", exchange.getRequestURI().getPath())
                    .setCause(e)
                    .log("A request failed");
            if (exchange.getResponseCode() < 0) {
                text(exchange, 500, "internal error: see the log\n");
            }
        }
    }

    /** Answers with a line of text. */
    static void text(HttpExchange exchange, int status, String body) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers with a body; a HEAD request gets its headers only. */
    static void send(HttpExchange exchange, int status, String contentType, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
