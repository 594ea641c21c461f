package io.natator.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/** Ways to answer a request. */
public final class Answers {
    private Answers() {}

    /** Answers with a line of text. */
    public static void text(HttpExchange exchange, int status, String line) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Answers with a body; a HEAD request gets its headers only. */
    public static void send(HttpExchange exchange, int status, String contentType, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /**
     * Answers {@code /healthz} and {@code /readyz}: 200, or 503 with one line that says why not.
     *
     * @param hindrance what stands in the way, empty if nothing does
     */
    public static HttpHandler health(Supplier<Optional<String>> hindrance) {
        return exchange -> {
            Optional<String> why = hindrance.get();
            text(exchange, why.isEmpty() ? 200 : 503, why.orElse("ok"));
        };
    }
}
