package io.natator.topology.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.http.HttpService;
import io.natator.http.HttpSettings;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Protocol;
import io.natator.schemas.Workload;
import io.natator.topology.export.LinkReader.Link;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LinksHandlerTest {
    private HttpService server;
    private Optional<String> hindrance = Optional.empty();
    private final HttpClient http = HttpClient.newHttpClient();

    private static Link link(String client, String server, String namespace, long bytes) {
        return new Link(
                new LinkKey(
                        new Workload(client, namespace, "Deployment", "", ""),
                        new Workload(server, "shop", "Deployment", "", ""),
                        80,
                        Protocol.TCP,
                        ""),
                LinkTotals.newBuilder()
                        .setFirstSeen(Instant.EPOCH)
                        .setLastSeen(Instant.EPOCH.minusSeconds(bytes))
                        .setBytesToServer(bytes)
                        .build());
    }

    @BeforeEach
    void start() throws IOException {
        List<Link> links = List.of(
                link("web", "cart", "shop", 10), link("web", "search", "shop", 30), link("job", "cart", "batch", 20));
        server = new HttpService(HttpSettings.open("127.0.0.1", 0))
                .guarded("/api/links", new LinksHandler(() -> links, () -> hindrance))
                .guarded("/api/graph", new GraphHandler(() -> links, () -> hindrance))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private List<String> clientsAndServers(String query) throws IOException, InterruptedException {
        JsonNode body =
                new JsonMapper().readTree(send("GET", "/api/links" + query).body());
        return body.get("links")
                .valueStream()
                .map(link -> link.get("client").get("name").asString() + ">"
                        + link.get("server").get("name").asString())
                .toList();
    }

    @Test
    void mostBytesComeFirst() throws Exception {
        assertThat(clientsAndServers("")).containsExactly("web>search", "job>cart", "web>cart");
    }

    @Test
    void parametersFilter() throws Exception {
        assertThat(clientsAndServers("?limit=1")).containsExactly("web>search");
        assertThat(clientsAndServers("?client=web&server=cart")).containsExactly("web>cart");
        assertThat(clientsAndServers("?namespace=batch")).containsExactly("job>cart");
        assertThat(clientsAndServers("?client=nobody")).isEmpty();
    }

    @Test
    void orderIsWhatWasAskedFor() throws Exception {
        assertThat(clientsAndServers("?sort=lastSeen")).containsExactly("web>cart", "job>cart", "web>search");
        assertThat(clientsAndServers("?sort=bytes")).containsExactly("web>search", "job>cart", "web>cart");
    }

    @Test
    void graphHasEachWorkloadOnce() throws Exception {
        JsonNode graph = new JsonMapper().readTree(send("GET", "/api/graph").body());

        assertThat(graph.get("nodes").valueStream().map(node -> node.get("id").asString()))
                .containsExactly(
                        "batch/Deployment/job",
                        "shop/Deployment/cart",
                        "shop/Deployment/search",
                        "shop/Deployment/web");
        assertThat(graph.get("edges")
                        .valueStream()
                        .map(edge -> edge.get("source").asString() + ">"
                                + edge.get("target").asString() + " "
                                + edge.get("bytesToServer").asLong()))
                .containsExactly(
                        "shop/Deployment/web>shop/Deployment/cart 10",
                        "shop/Deployment/web>shop/Deployment/search 30",
                        "batch/Deployment/job>shop/Deployment/cart 20");
    }

    @Test
    void graphThatCannotBeReadNowSaysWhy() throws Exception {
        hindrance = Optional.of("restoring");

        assertThat(send("GET", "/api/graph").statusCode()).isEqualTo(503);
        assertThat(send("GET", "/api/graph?limit=1").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"?sort=colour", "?limit=0", "?limit=-1", "?limit=x", "?limit=", "?colour=red", "?limit=1&limit=2"
            })
    void badParametersAreNamed(String query) throws Exception {
        HttpResponse<String> response = send("GET", "/api/links" + query);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(new JsonMapper().readTree(response.body()).get("error").asString())
                .isNotBlank();
    }

    @Test
    void whatCannotBeReadNowSaysWhy() throws Exception {
        hindrance = Optional.of("restoring");

        HttpResponse<String> response = send("GET", "/api/links");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("{\"error\":\"restoring\"}");
    }

    @Test
    void otherMethodsAndPathsAreRefused() throws Exception {
        assertThat(send("POST", "/api/links").statusCode()).isEqualTo(405);
        assertThat(send("GET", "/nothing").statusCode()).isEqualTo(404);
        assertThat(send("HEAD", "/api/links").statusCode()).isEqualTo(200);
    }
}
