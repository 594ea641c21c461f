package io.natator.topology.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import io.natator.schemas.Workload;
import io.natator.topology.export.LinkReader.Link;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code GET /api/graph}: the links of this instance as a graph. Nodes are workloads, whatever their zones; an edge is a
 * link with its totals, from the client to the server.
 */
public final class GraphHandler implements HttpHandler {
    private final Supplier<List<Link>> links;
    private final Supplier<Optional<String>> hindrance;
    private final JsonMapper json = new JsonMapper();

    /**
     * A handler.
     *
     * @param links all links there are
     * @param hindrance why links cannot be read now; empty if they can
     */
    public GraphHandler(Supplier<List<Link>> links, Supplier<Optional<String>> hindrance) {
        this.links = links;
        this.hindrance = hindrance;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (exchange.getRequestURI().getRawQuery() != null) {
            send(exchange, 400, Map.of("error", "the graph takes no parameters"));
            return;
        }
        Optional<String> why = hindrance.get();
        if (why.isPresent()) {
            send(exchange, 503, Map.of("error", why.get()));
            return;
        }
        send(exchange, 200, graph(links.get()));
    }

    private void send(HttpExchange exchange, int status, Map<String, ?> body) throws IOException {
        Answers.send(exchange, status, "application/json", json.writeValueAsBytes(body));
    }

    private static Map<String, Object> graph(List<Link> links) {
        Map<String, Map<String, Object>> nodes = new TreeMap<>();
        List<Map<String, Object>> edges = new ArrayList<>();
        for (Link link : links) {
            var edge = new LinkedHashMap<String, Object>();
            edge.put("source", node(nodes, link.key().getClient()));
            edge.put("target", node(nodes, link.key().getServer()));
            edge.put("sourceZone", link.key().getClient().getZone());
            edge.put("targetZone", link.key().getServer().getZone());
            LinksHandler.putLink(edge, link);
            edges.add(edge);
        }
        var graph = new LinkedHashMap<String, Object>();
        graph.put("nodes", List.copyOf(nodes.values()));
        graph.put("edges", edges);
        return graph;
    }

    /** The workload's id, after making sure that it is among the nodes. */
    private static String node(Map<String, Map<String, Object>> nodes, Workload workload) {
        String id = workload.getNamespace() + "/" + workload.getKind() + "/" + workload.getName();
        nodes.computeIfAbsent(id, absent -> {
            var node = new LinkedHashMap<String, Object>();
            node.put("id", id);
            node.put("name", workload.getName());
            node.put("namespace", workload.getNamespace());
            node.put("kind", workload.getKind());
            return node;
        });
        return id;
    }
}
