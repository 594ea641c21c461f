package io.natator.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/** Writes responses. */
public final class Answers {
    private Answers() {}

    /** Responds with a line of text. */
    public static void text(HttpExchange exchange, int status, String line) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Responds with a body. The response to a HEAD request has the headers only. */
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
     * A handler for {@code /healthz} and {@code /readyz}, which responds 200, or 503 and the reason in one line.
     *
     * @param problem returns the reason; empty if the service is healthy
     */
    public static HttpHandler health(Supplier<Optional<String>> problem) {
        return health(problem, Optional::empty);
    }

    /**
     * A handler as {@link #health(Supplier)}. If there is no problem, the response contains the warning.
     *
     * @param warning what is worse than it should be although the service works, in one line; empty if nothing is
     */
    public static HttpHandler health(Supplier<Optional<String>> problem, Supplier<Optional<String>> warning) {
        return exchange -> {
            Optional<String> reason = problem.get();
            text(exchange, reason.isEmpty() ? 200 : 503, reason.orElseGet(() -> healthy(warning.get())));
        };
    }

    private static String healthy(Optional<String> warning) {
        return warning.map(text -> "ok, but " + text).orElse("ok");
    }
}
