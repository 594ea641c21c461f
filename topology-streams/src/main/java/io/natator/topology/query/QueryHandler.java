package io.natator.topology.query;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers a query for links as JSON. The field {@code complete} says whether the result is complete, and
 * {@code missing} lists what it lacks. An incomplete result also has the header {@code Natator-Incomplete}. Returns 400
 * for wrong parameters, and 503 while no partition can be read.
 */
final class QueryHandler implements HttpHandler {
    static final String INCOMPLETE = "Natator-Incomplete";

    private final ClusterLinks links;
    private final AvailableWindows windows;
    private final Function<ClusterLinks.ClusterResult, Map<String, Object>> view;
    private final JsonMapper json = new JsonMapper();

    QueryHandler(
            ClusterLinks links,
            AvailableWindows windows,
            Function<ClusterLinks.ClusterResult, Map<String, Object>> view) {
        this.links = links;
        this.windows = windows;
        this.view = view;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            LinkQuery query = LinkQuery.of(exchange.getRequestURI().getRawQuery(), windows);
            ClusterLinks.ClusterResult answer = links.query(query);
            var body = new LinkedHashMap<String, Object>();
            body.put("complete", answer.missing().isEmpty());
            if (!answer.missing().isEmpty()) {
                body.put("missing", answer.missing());
                exchange.getResponseHeaders().set(INCOMPLETE, headerValue(String.join("; ", answer.missing())));
            }
            query.range().ifPresent(range -> {
                body.put("from", range.from().toString());
                body.put("to", range.to().toString());
            });
            body.put("total", answer.total());
            body.putAll(view.apply(answer));
            send(exchange, 200, body);
        } catch (IllegalArgumentException e) {
            send(exchange, 400, Map.of("error", String.valueOf(e.getMessage())));
        } catch (ClusterLinks.UnavailableException e) {
            send(exchange, 503, Map.of("error", String.valueOf(e.getMessage())));
        }
    }

    private void send(HttpExchange exchange, int status, Map<String, ?> body) throws IOException {
        Answers.send(exchange, status, "application/json", json.writeValueAsBytes(body));
    }

    /** Replaces all characters that a header must not contain: everything except printable ASCII. */
    private static String headerValue(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
