package io.natator.topology.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Workload;
import io.natator.topology.export.LinkReader.Link;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code GET /api/links}: the links of this instance, the most bytes first. Parameters: {@code limit}, {@code sort} (what
 * there is most of, or latest, first), {@code client} and {@code server} (exact names), {@code namespace} (of either
 * party).
 */
public final class LinksHandler implements HttpHandler {
    private static final List<String> PARAMETERS = List.of("limit", "sort", "client", "server", "namespace");

    private final Supplier<List<Link>> links;
    private final Supplier<Optional<String>> hindrance;
    private final JsonMapper json = new JsonMapper();

    /**
     * A handler.
     *
     * @param links all links there are
     * @param hindrance why links cannot be read now; empty if they can
     */
    public LinksHandler(Supplier<List<Link>> links, Supplier<Optional<String>> hindrance) {
        this.links = links;
        this.hindrance = hindrance;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Query query;
        try {
            query = Query.of(exchange.getRequestURI());
        } catch (IllegalArgumentException e) {
            send(exchange, 400, Map.of("error", String.valueOf(e.getMessage())));
            return;
        }
        Optional<String> why = hindrance.get();
        if (why.isPresent()) {
            send(exchange, 503, Map.of("error", why.get()));
            return;
        }
        List<Link> matching = links.get().stream().filter(query.filter()).toList();
        List<Map<String, Object>> shown = matching.stream()
                .sorted(query.order().reversed())
                .limit(query.limit())
                .map(LinksHandler::view)
                .toList();
        var body = new LinkedHashMap<String, Object>();
        body.put("total", matching.size());
        body.put("links", shown);
        send(exchange, 200, body);
    }

    private void send(HttpExchange exchange, int status, Map<String, ?> body) throws IOException {
        Answers.send(exchange, status, "application/json", json.writeValueAsBytes(body));
    }

    private static long bytes(Link link) {
        return link.totals().getBytesToServer() + link.totals().getBytesToClient();
    }

    private static Map<String, Object> view(Link link) {
        var view = new LinkedHashMap<String, Object>();
        view.put("client", view(link.key().getClient()));
        view.put("server", view(link.key().getServer()));
        putLink(view, link);
        return view;
    }

    /** Adds what a link is apart from its parties, and what it amounts to. */
    static void putLink(Map<String, Object> view, Link link) {
        LinkKey key = link.key();
        LinkTotals totals = link.totals();
        long rttSamples =
                totals.getRttBuckets().stream().mapToLong(Long::longValue).sum();
        view.put("serverPort", key.getServerPort());
        view.put("protocol", key.getProtocol().name());
        view.put("via", key.getVia());
        view.put("bytesToServer", totals.getBytesToServer());
        view.put("bytesToClient", totals.getBytesToClient());
        view.put("segmentsToServer", totals.getSegmentsToServer());
        view.put("segmentsToClient", totals.getSegmentsToClient());
        view.put("connectionsOpened", totals.getConnectionsOpened());
        view.put("connectionsClosed", totals.getConnectionsClosed());
        view.put("connectionsActive", totals.getConnectionsOpened() - totals.getConnectionsClosed());
        view.put("connectionsFailed", totals.getConnectionsFailed());
        view.put("failures", totals.getFailures());
        view.put("retransmits", totals.getRetransmits());
        view.put("rttMeanMicros", rttSamples == 0 ? null : totals.getRttSumMicros() / rttSamples);
        view.put("durationSumMicros", totals.getDurationSumMicros());
        view.put("firstSeen", totals.getFirstSeen().toString());
        view.put("lastSeen", totals.getLastSeen().toString());
    }

    private static Map<String, String> view(Workload workload) {
        var view = new LinkedHashMap<String, String>();
        view.put("name", workload.getName());
        view.put("namespace", workload.getNamespace());
        view.put("kind", workload.getKind());
        view.put("zone", workload.getZone());
        view.put("region", workload.getRegion());
        return view;
    }

    /** What was asked for. */
    private record Query(int limit, Comparator<Link> order, Predicate<Link> filter) {
        private static final Map<String, Comparator<Link>> ORDERS = new TreeMap<>(Map.of(
                "bytes", Comparator.comparingLong(LinksHandler::bytes),
                "connections", Comparator.comparingLong(link -> link.totals().getConnectionsOpened()),
                "failures",
                        Comparator.comparingLong(link -> link.totals().getFailures().values().stream()
                                .mapToLong(Long::longValue)
                                .sum()),
                "retransmits", Comparator.comparingLong(link -> link.totals().getRetransmits()),
                "lastSeen", Comparator.comparing(link -> link.totals().getLastSeen())));

        static Query of(URI uri) {
            Map<String, String> parameters = parameters(uri.getRawQuery());
            String client = parameters.get("client");
            String server = parameters.get("server");
            String namespace = parameters.get("namespace");
            Predicate<Link> filter = link -> (client == null
                            || link.key().getClient().getName().equals(client))
                    && (server == null || link.key().getServer().getName().equals(server))
                    && (namespace == null
                            || link.key().getClient().getNamespace().equals(namespace)
                            || link.key().getServer().getNamespace().equals(namespace));
            return new Query(limit(parameters.get("limit")), order(parameters.getOrDefault("sort", "bytes")), filter);
        }

        private static Comparator<Link> order(String name) {
            Comparator<Link> order = ORDERS.get(name);
            if (order == null) {
                throw new IllegalArgumentException(
                        "cannot sort by '" + name + "': use " + String.join(", ", ORDERS.keySet()));
            }
            return order;
        }

        private static int limit(@Nullable String text) {
            if (text == null) {
                return Integer.MAX_VALUE;
            }
            try {
                int limit = Integer.parseInt(text);
                if (limit > 0) {
                    return limit;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("limit has to be a whole number above 0", e);
            }
            throw new IllegalArgumentException("limit has to be a whole number above 0");
        }

        private static Map<String, String> parameters(@Nullable String query) {
            Map<String, String> parameters = new LinkedHashMap<>();
            if (query == null || query.isEmpty()) {
                return parameters;
            }
            for (String pair : query.split("&", -1)) {
                int equals = pair.indexOf('=');
                String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
                if (!PARAMETERS.contains(name)) {
                    throw new IllegalArgumentException(
                            "unknown parameter '" + name + "': use " + String.join(", ", PARAMETERS));
                }
                if (parameters.put(name, equals < 0 ? "" : decoded(pair.substring(equals + 1))) != null) {
                    throw new IllegalArgumentException("parameter '" + name + "' is given twice");
                }
            }
            return parameters;
        }

        private static String decoded(String text) {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        }
    }
}
