package io.natator.topology.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.http.HttpService;
import io.natator.http.HttpSettings;
import io.natator.http.PeerClient;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Protocol;
import io.natator.schemas.Workload;
import io.natator.topology.link.LinkReader.Link;
import io.natator.topology.link.LinkReader.PartitionTotals;
import io.natator.topology.link.WindowSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tests two instances that query each other. One instance has partition 0, and the other has partition 1. */
class LinkQueryHandlersTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:30Z");
    private static final AvailableWindows WINDOWS = new AvailableWindows(
            WindowSettings.builder()
                    .size(Duration.ofMinutes(1))
                    .grace(Duration.ofMinutes(2))
                    .retention(Duration.ofMinutes(15))
                    .build(),
            InstantSource.fixed(NOW));

    private final List<Link> here = List.of(link("web", "cart", "shop", 10), link("web", "search", "shop", 30));
    private final List<Link> there = List.of(link("job", "cart", "batch", 20));
    private final List<URI> others = new CopyOnWriteArrayList<>();
    private final AtomicInteger partitions = new AtomicInteger(2);
    private final List<AutoCloseable> open = new ArrayList<>();
    private HttpSettings settings = HttpSettings.open("127.0.0.1", 0);
    /** How long to wait for replies of the other instance; long enough for a busy machine. */
    private Duration timeout = Duration.ofSeconds(60);

    private HttpService server;
    private HttpService other;
    private Optional<String> hindrance = Optional.empty();
    private final HttpClient http = HttpClient.newHttpClient();

    private static Link link(String client, String server, String namespace, long bytes) {
        return new Link(
                new LinkKey(
                        new Workload(client, namespace, "Deployment", "", "", ""),
                        new Workload(server, "shop", "Deployment", "", "", ""),
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
        other = instance(new LocalLinks(
                () -> List.of(new PartitionTotals(1, there)),
                (from, to) -> List.of(new PartitionTotals(1, List.of()))));
        server = instance(new LocalLinks(
                () -> List.of(new PartitionTotals(0, here)),
                (from, to) -> List.of(new PartitionTotals(0, List.of(within(from, to))))));
        others.add(uri(other));
    }

    private HttpService instance(LocalLinks local) throws IOException {
        var peers = new OtherInstances(new PeerClient(settings, timeout), () -> List.copyOf(others), timeout);
        open.add(peers);
        var handlers = new LinkQueryHandlers(
                new ClusterLinks(
                        local, peers::ask, partitions::get, new Completeness(() -> hindrance, Optional::empty)),
                WINDOWS);
        HttpService service = new HttpService(settings)
                .guarded("/api/links", handlers.list())
                .guarded("/api/graph", handlers.graph())
                .guarded(OtherInstances.PATH, handlers.own())
                .start();
        open.add(service);
        return service;
    }

    private static URI uri(HttpService service) {
        return URI.create("http://127.0.0.1:" + service.port());
    }

    /** A link that was first seen at the start of the queried range and last seen at its end. */
    private static Link within(Instant from, Instant to) {
        return new Link(
                link("web", "cart", "shop", 1).key(),
                LinkTotals.newBuilder()
                        .setFirstSeen(from)
                        .setLastSeen(to)
                        .setBytesToServer(5)
                        .build());
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closed : open) {
            closed.close();
        }
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
    void parametersFilterLinks() throws Exception {
        assertThat(clientsAndServers("?limit=1")).containsExactly("web>search");
        assertThat(clientsAndServers("?client=web&server=cart")).containsExactly("web>cart");
        assertThat(clientsAndServers("?namespace=batch")).containsExactly("job>cart");
        assertThat(clientsAndServers("?client=nobody")).isEmpty();
    }

    @Test
    void orderFollowsTheSortParameter() throws Exception {
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
                        "shop/Deployment/web>shop/Deployment/search 30",
                        "batch/Deployment/job>shop/Deployment/cart 20",
                        "shop/Deployment/web>shop/Deployment/cart 10");
    }

    @Test
    void unavailableGraphSaysWhy() throws Exception {
        hindrance = Optional.of("restoring");

        assertThat(send("GET", "/api/graph").statusCode()).isEqualTo(503);
        assertThat(send("GET", "/api/graph?limit=none").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sort=colour | cannot sort by 'colour': use bytes, connections, failures, lastSeen, retransmits
            limit=0 | limit is '0': use a whole number from 1 to 100000
            limit=-1 | limit is '-1': use a whole number from 1 to 100000
            limit=x | limit is 'x': use a whole number from 1 to 100000
            limit= | limit is '': use a whole number from 1 to 100000
            limit=100001 | limit is '100001': use a whole number from 1 to 100000
            colour=red | unknown parameter 'colour': use limit, sort, from, to, client, server, namespace, cluster
            limit=1&limit=2 | parameter 'limit' is given twice: give it once
            from=yesterday | from is 'yesterday': use a time such as 2026-01-31T12:00:00Z, or seconds since the epoch
            to=1 | to without from: give from too
            from=2026-11-01T12:00:00Z&to=2026-11-01T11:00:00Z | from is 2026-11-01T12:00:00Z, not before to, 2026-11-01T11:00:00Z: ask for a range
            from=2026-11-01T11:00:00Z | from is 2026-11-01T11:00:00Z, but windows before 2026-11-01T11:42:30Z are not stored: use a later time, or increase --window-retention
            """)
    void wrongParametersAreReportedWithTheCorrection(String query, String error) throws Exception {
        for (String path : List.of("/api/links?", "/api/graph?")) {
            HttpResponse<String> response = send("GET", path + query);

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(new JsonMapper().readTree(response.body()).get("error").asString())
                    .isEqualTo(error);
        }
    }

    @Test
    void rangeOfTimeIsAnsweredInWholeWindows() throws Exception {
        JsonNode body = new JsonMapper()
                .readTree(send("GET", "/api/links?from=2026-11-01T11:50:10Z&to=2026-11-01T11:55:10Z")
                        .body());

        assertThat(body.get("from").asString()).isEqualTo("2026-11-01T11:50:00Z");
        assertThat(body.get("to").asString()).isEqualTo("2026-11-01T11:56:00Z");
        assertThat(body.at("/links/0/firstSeen").asString()).isEqualTo("2026-11-01T11:50:00Z");
        assertThat(body.at("/links/0/lastSeen").asString()).isEqualTo("2026-11-01T11:56:00Z");
        assertThat(body.at("/links/0/bytesToServer").asLong()).isEqualTo(5);
        assertThat(body.get("total").asInt()).isEqualTo(1);
    }

    @Test
    void rangeWithoutAnEndGoesToNow() throws Exception {
        JsonNode body = new JsonMapper()
                .readTree(send("GET", "/api/links?from=" + NOW.minusSeconds(60).getEpochSecond())
                        .body());

        assertThat(body.get("from").asString()).isEqualTo("2026-11-01T11:59:00Z");
        assertThat(body.get("to").asString()).isEqualTo("2026-11-01T12:01:00Z");
    }

    @Test
    void anyInstanceAnswersForAllInstances() throws Exception {
        HttpResponse<String> response = send("GET", "/api/links");

        JsonNode body = new JsonMapper().readTree(response.body());
        assertThat(body.get("complete").asBoolean()).isTrue();
        assertThat(body.get("total").asInt()).isEqualTo(3);
        assertThat(body.has("missing")).isFalse();
        assertThat(response.headers().firstValue("Natator-Incomplete")).isEmpty();
    }

    @Test
    void limitIsOfAllInstancesAndTheTotalIsNotLimited() throws Exception {
        JsonNode body =
                new JsonMapper().readTree(send("GET", "/api/links?limit=2").body());

        assertThat(body.get("links")
                        .valueStream()
                        .map(link -> link.get("bytesToServer").asInt()))
                .containsExactly(30, 20);
        assertThat(body.get("total").asInt()).isEqualTo(3);
    }

    @Test
    void instanceThatDoesNotAnswerIsReported() throws Exception {
        other.close();

        assertIncomplete("127.0.0.1:" + other.port() + " does not answer");
    }

    @Test
    void instanceThatHangsIsNotAwaitedForLong() throws Exception {
        try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            timeout = Duration.ofMillis(500);
            start();
            others.clear();
            others.add(URI.create("http://127.0.0.1:" + silent.getLocalPort()));

            assertIncomplete("127.0.0.1:" + silent.getLocalPort() + " does not answer");
        }
    }

    @Test
    void partitionWithoutInstanceIsReported() throws Exception {
        partitions.set(3);

        HttpResponse<String> response = send("GET", "/api/links");
        assertThat(response.headers().firstValue("Natator-Incomplete").orElse(""))
                .isEqualTo("no instance has partitions [2] ready: they are being taken over or restored");
    }

    @Test
    void partitionOnTwoInstancesIsReportedAndCountsOnce() throws Exception {
        HttpService twice =
                instance(new LocalLinks(() -> List.of(new PartitionTotals(1, there)), (from, to) -> List.of()));
        others.add(uri(twice));

        HttpResponse<String> response = send("GET", "/api/links");
        assertThat(response.headers().firstValue("Natator-Incomplete").orElse(""))
                .isEqualTo("partition 1 is on the move: two instances have it");
        assertThat(new JsonMapper().readTree(response.body()).get("total").asInt())
                .isEqualTo(3);
    }

    @Test
    void withoutAnyPartitionThereIsNoResult() throws Exception {
        HttpService empty = instance(new LocalLinks(List::of, (from, to) -> List.of()));
        others.clear();

        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(uri(empty).resolve("/api/links")).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("no instance has partitions [0, 1] ready");
    }

    @Test
    void instancesAuthenticateWithTheirToken(@TempDir Path directory) throws Exception {
        // Given instances that require a token
        Path tokens = Files.writeString(directory.resolve("tokens"), "0123456789abcdef0123456789abcdef\n");
        settings = new HttpSettings("127.0.0.1", 0, Optional.empty(), Optional.empty(), Optional.of(tokens), List.of());
        others.clear();
        start();
        others.removeFirst();
        others.add(uri(other));

        // When
        HttpResponse<String> without = send("GET", "/api/links");
        HttpResponse<String> with = http.send(
                HttpRequest.newBuilder(uri(server).resolve("/api/links"))
                        .header("Authorization", "Bearer 0123456789abcdef0123456789abcdef")
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        // Then
        assertThat(without.statusCode()).isEqualTo(401);
        assertThat(with.statusCode()).isEqualTo(200);
        assertThat(new JsonMapper().readTree(with.body()).get("complete").asBoolean())
                .isTrue();
    }

    /** Asserts that the result has only the links of this instance, and says why it is incomplete. */
    private void assertIncomplete(String why) throws Exception {
        for (String path : List.of("/api/links", "/api/graph")) {
            HttpResponse<String> response = send("GET", path);

            JsonNode body = new JsonMapper().readTree(response.body());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Natator-Incomplete").orElse(""))
                    .contains(why);
            assertThat(body.get("complete").asBoolean()).isFalse();
            assertThat(body.get("missing").valueStream().map(JsonNode::asString))
                    .anySatisfy(line -> assertThat(line).contains(why))
                    .anySatisfy(line -> assertThat(line).contains("partitions [1]"));
            assertThat(body.get("total").asInt()).isEqualTo(2);
        }
    }

    @Test
    void unavailableLinksSayWhy() throws Exception {
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
