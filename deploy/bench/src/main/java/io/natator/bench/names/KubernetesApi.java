package io.natator.bench.names;

import io.natator.bench.Machine;
import io.natator.testcluster.TestCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends requests to the API server as an administrator, by the JDK's HTTP client. It does not use the client library of
 * the services, so that the bench also finds faults of that library. A request without a response is retried.
 * Thread-safe.
 */
final class KubernetesApi implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final int PAGE = 1_000;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int TOO_MANY = 429;
    private static final int FIRST_FAILURE = 400;
    private static final int FIRST_SERVER_FAILURE = 500;

    private final String server;
    private final String token;
    private final HttpClient http;

    KubernetesApi(TestCluster cluster) {
        server = cluster.server();
        token = cluster.token();
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .sslContext(cluster.sslContext())
                .build();
    }

    /** The version of Kubernetes, such as v1.36.3. */
    String version() {
        return get("/version").path("gitVersion").asString();
    }

    JsonNode get(String path) {
        return find(path).orElseThrow(() -> new IllegalStateException("there is no " + path));
    }

    Optional<JsonNode> find(String path) {
        return send(() -> request(path).GET());
    }

    /** Reads a text that is not JSON, such as metrics. */
    String text(String path) {
        return requireResponse(() -> request(path).GET()).body();
    }

    /** Lists all objects of a resource, page by page. */
    List<JsonNode> list(String path) {
        List<JsonNode> items = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = get(path + "?limit=" + PAGE + (next.isEmpty() ? "" : "&continue=" + next));
            page.path("items").forEach(items::add);
            next = page.path("metadata").path("continue").asString("");
        } while (!next.isEmpty());
        return items;
    }

    /** Creates an object. Does nothing if an object of that name exists. */
    void create(String path, String json) {
        send(() -> request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    /** Creates an object and returns its UID. */
    String createdUid(String path, String name, String json) {
        create(path, json);
        return get(path + "/" + name).path("metadata").path("uid").asString();
    }

    void delete(String path, String options) {
        send(() -> request(path)
                .header("Content-Type", "application/json")
                .method("DELETE", BodyPublishers.ofString(options)));
    }

    void delete(String path) {
        delete(path, "{}");
    }

    /** Changes fields of an object by a JSON merge patch (RFC 7396). Does nothing if the object does not exist. */
    void merge(String path, String json) {
        send(() -> request(path)
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(json)));
    }

    /**
     * Opens a watch and returns its lines. The caller closes the stream.
     *
     * @throws IOException if the API server does not respond
     */
    Stream<String> watch(String path) throws IOException, InterruptedException {
        HttpResponse<Stream<String>> response =
                http.send(request(path).timeout(TIMEOUT).GET().build(), BodyHandlers.ofLines());
        if (response.statusCode() >= FIRST_FAILURE) {
            response.body().close();
            throw new IOException("the API server responded " + response.statusCode());
        }
        return response.body();
    }

    private interface Request {
        HttpRequest.Builder build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server + path)).header("Authorization", "Bearer " + token);
    }

    private Optional<JsonNode> send(Request request) {
        HttpResponse<String> response = requireResponse(request);
        return response.statusCode() >= FIRST_FAILURE ? Optional.empty() : Optional.of(JSON.readTree(response.body()));
    }

    private HttpResponse<String> requireResponse(Request request) {
        long began = System.nanoTime();
        while (true) {
            String failure;
            try {
                HttpResponse<String> response =
                        http.send(request.build().timeout(TIMEOUT).build(), BodyHandlers.ofString());
                int status = response.statusCode();
                failure = status + ": " + response.body();
                // Nothing can be created in a namespace that is being deleted, so this is treated like a namespace that
                // does not exist.
                if (status < FIRST_FAILURE
                        || status == NOT_FOUND
                        || status == CONFLICT
                        || failure.contains("because it is being terminated")) {
                    return response;
                }
                if (status < FIRST_SERVER_FAILURE && status != TOO_MANY) {
                    throw new IllegalStateException(failure);
                }
            } catch (IOException e) {
                failure = e.toString();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new IllegalStateException("the API server does not respond: " + failure);
            }
            Machine.pause(PAUSE);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
