package io.natator.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads links from topology-streams' API, and whether topology-streams and the collector are ready. */
final class LinksClient implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final String LINKS = "/api/links";
    private static final int OK = 200;

    /** Kinds of workloads whose namespace is not displayed, because it is empty or is the name of this machine. */
    private static final Set<String> OUTSIDE_CLUSTER =
            Set.of("unit", "container", "task", "process", "external", "node");

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final JsonMapper json = new JsonMapper();
    private final String topology;
    private final String collector;

    /**
     * Creates a client of the services on this machine.
     *
     * @param topologyPort HTTP port of topology-streams
     * @param collectorPort HTTP port of the collector
     */
    LinksClient(int topologyPort, int collectorPort) {
        topology = "http://localhost:" + topologyPort;
        collector = "http://localhost:" + collectorPort;
    }

    /** Why topology-streams is not ready; empty if it is ready, which means that data is flowing. */
    String unready() throws IOException, InterruptedException {
        HttpResponse<String> response = fetch(topology + "/readyz");
        return response.statusCode() == OK ? "" : response.body().strip();
    }

    /** Returns true if connections would be shown if there were any. */
    boolean isWaitingForConnections() throws IOException, InterruptedException {
        HttpResponse<String> response = fetch(topology + LINKS);
        return response.statusCode() == OK
                && json.readTree(response.body()).path("complete").asBoolean()
                && fetch(collector + "/readyz").statusCode() == OK;
    }

    /** All links; empty while topology-streams cannot read its stores. */
    List<LinkRow> links() throws IOException, InterruptedException {
        HttpResponse<String> response = fetch(topology + LINKS);
        if (response.statusCode() != OK) {
            return List.of();
        }
        return json.readTree(response.body())
                .path("links")
                .valueStream()
                .map(LinksClient::row)
                .toList();
    }

    private HttpResponse<String> fetch(String address) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(address)).timeout(TIMEOUT).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static LinkRow row(JsonNode link) {
        return new LinkRow(
                name(link.path("client")),
                name(link.path("server")),
                link.path("serverPort").asInt(),
                link.path("via").asString(),
                new LinkRow.Counters(
                        link.path("bytesToServer").asLong(),
                        link.path("bytesToClient").asLong(),
                        link.path("connectionsOpened").asLong(),
                        link.path("connectionsFailed").asLong()));
    }

    private static String name(JsonNode workload) {
        String name = workload.path("name").asString();
        boolean inCluster = !OUTSIDE_CLUSTER.contains(workload.path("kind").asString());
        return inCluster ? workload.path("namespace").asString() + "/" + name : name;
    }

    @Override
    public void close() {
        http.close();
    }
}
