package io.natator.topology.query;

import io.natator.schemas.ClusterName;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Workload;
import io.natator.topology.link.ConnectionCounts;
import io.natator.topology.link.LinkReader.Link;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Formats links as JSON: a list, a graph, or a single link. */
public final class LinkJson {
    private static final JsonMapper JSON = new JsonMapper();

    private LinkJson() {}

    static Map<String, Object> list(List<Link> links) {
        return Map.of(
                "links",
                links.stream().map(link -> view(link.key(), link.totals())).toList());
    }

    /**
     * Formats links as a graph. A node is a workload. If a workload has pods in several zones, it is still one node. An
     * edge is a link with its totals, from the client to the server.
     */
    static Map<String, Object> graph(List<Link> links) {
        Map<String, Map<String, Object>> nodes = new TreeMap<>();
        List<Map<String, Object>> edges = new ArrayList<>();
        for (Link link : links) {
            var edge = new LinkedHashMap<String, Object>();
            edge.put("source", node(nodes, link.key().getClient()));
            edge.put("target", node(nodes, link.key().getServer()));
            edge.put("sourceZone", link.key().getClient().getZone());
            edge.put("targetZone", link.key().getServer().getZone());
            putLink(edge, link.key());
            putTotals(edge, link.totals());
            edges.add(edge);
        }
        var graph = new LinkedHashMap<String, Object>();
        graph.put("nodes", List.copyOf(nodes.values()));
        graph.put("edges", edges);
        return graph;
    }

    /** Returns the id of a workload's node in the graph, and adds the node if the graph does not contain it yet. */
    private static String node(Map<String, Map<String, Object>> nodes, Workload workload) {
        String id = new ClusterName(workload.getCluster())
                .key(workload.getNamespace() + "/" + workload.getKind() + "/" + workload.getName());
        nodes.computeIfAbsent(id, absent -> {
            var node = new LinkedHashMap<String, Object>();
            node.put("id", id);
            node.put("name", workload.getName());
            node.put("namespace", workload.getNamespace());
            node.put("kind", workload.getKind());
            node.put("cluster", workload.getCluster());
            return node;
        });
        return id;
    }

    /**
     * Formats one link as one line of JSON.
     *
     * @param totals null to format only the names of the link
     */
    public static String text(LinkKey key, @Nullable LinkTotals totals) {
        return JSON.writeValueAsString(view(key, totals));
    }

    private static Map<String, Object> view(LinkKey key, @Nullable LinkTotals totals) {
        var view = new LinkedHashMap<String, Object>();
        view.put("client", view(key.getClient()));
        view.put("server", view(key.getServer()));
        putLink(view, key);
        if (totals != null) {
            putTotals(view, totals);
        }
        return view;
    }

    private static void putLink(Map<String, Object> view, LinkKey key) {
        view.put("serverPort", key.getServerPort());
        view.put("protocol", key.getProtocol().name());
        view.put("via", key.getVia());
    }

    private static void putTotals(Map<String, Object> view, LinkTotals totals) {
        long rttSamples =
                totals.getRttBuckets().stream().mapToLong(Long::longValue).sum();
        view.put("bytesToServer", totals.getBytesToServer());
        view.put("bytesToClient", totals.getBytesToClient());
        view.put("segmentsToServer", totals.getSegmentsToServer());
        view.put("segmentsToClient", totals.getSegmentsToClient());
        view.put("connectionsOpened", totals.getConnectionsOpened());
        view.put("connectionsClosed", totals.getConnectionsClosed());
        view.put("connectionsActive", ConnectionCounts.of(totals).active());
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
        view.put("cluster", workload.getCluster());
        return view;
    }
}
