package io.natator.helm;

import io.natator.testcluster.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends requests to the API server as an administrator. Responses include status and warnings. Thread-safe. */
final class KubernetesApi implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int FIRST_FAILURE = 400;
    private static final JsonMapper JSON = JsonMapper.shared();
    /** Namespaces of the control plane, which can change their objects at any time. */
    private static final Set<String> SYSTEM = Set.of("kube-system", "kube-public", "kube-node-lease");

    /**
     * A response of the API server.
     *
     * @param warnings values of the header {@code Warning} (RFC 7234, section 5.5), which kubectl prints
     */
    record Response(int status, List<String> warnings, JsonNode body) {
        JsonNode orThrow() {
            if (status >= FIRST_FAILURE) {
                throw new AssertionError(status + ": " + body.path("message").asString(""));
            }
            return body;
        }

        /** Describes the response by the body's error message only, because a whole object would be too long. */
        @Override
        public String toString() {
            return status + " " + warnings + " " + body.path("message").asString("");
        }
    }

    /** A kind of object that the API server serves. */
    private record Type(String apiVersion, String kind, String plural, boolean namespaced, boolean listable) {
        String path(String namespace) {
            return (apiVersion.equals("v1") ? "/api/v1/" : "/apis/" + apiVersion + "/")
                    + (namespaced && !namespace.isEmpty() ? "namespaces/" + namespace + "/" : "")
                    + plural;
        }
    }

    private final TestCluster cluster;
    private final HttpClient client;
    private final Map<String, List<Type>> types = new ConcurrentHashMap<>();

    KubernetesApi(TestCluster cluster) {
        this.cluster = cluster;
        client = HttpClient.newBuilder()
                .sslContext(cluster.sslContext())
                .connectTimeout(TIMEOUT)
                .build();
    }

    /** Applies an object on the server side with strict field validation: an unknown or duplicate field is an error. */
    Response apply(JsonNode object) {
        return apply(object, "");
    }

    /** Like {@link #apply}, but the API server only validates and admits the object, and does not store it. */
    Response dryRun(JsonNode object) {
        return apply(object, "&dryRun=All");
    }

    private Response apply(JsonNode object, String option) {
        return send(
                "PATCH",
                path(object) + "?fieldManager=test&force=true&fieldValidation=Strict" + option,
                "application/apply-patch+yaml",
                object.toString());
    }

    Response get(String path) {
        return send("GET", path, "application/json", "");
    }

    Response create(String path, String json) {
        return send("POST", path, "application/json", json);
    }

    Response delete(String path) {
        return send("DELETE", path, "application/json", "");
    }

    /** Reads an object as the API server has stored it. */
    JsonNode live(JsonNode object) {
        return get(path(object)).orThrow();
    }

    /** The path of an object of this kind, namespace and name. */
    String path(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        String kind = Rendered.kind(object);
        Type type = types(object.path("apiVersion").asString()).stream()
                .filter(candidate -> candidate.kind().equals(kind))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the API server does not serve " + kind));
        return type.path(metadata.path("namespace").asString("")) + "/"
                + metadata.path("name").asString();
    }

    /**
     * All objects as {@code resource.group namespace/name}, without events and without the namespaces of the control
     * plane.
     */
    Set<String> everything() {
        Set<String> objects = new TreeSet<>();
        Stream.concat(Stream.of("v1"), groups())
                .flatMap(apiVersion -> types(apiVersion).stream())
                .filter(type -> type.listable() && !type.kind().equals("Event"))
                .forEach(type -> get(type.path("")).orThrow().path("items").forEach(item -> {
                    String namespace = item.path("metadata").path("namespace").asString("");
                    if (!SYSTEM.contains(namespace)) {
                        String group = type.apiVersion().contains("/")
                                ? "." + type.apiVersion().split("/")[0]
                                : "";
                        objects.add(type.plural() + group + " " + namespace + "/" + Rendered.name(item));
                    }
                }));
        return objects;
    }

    private Stream<String> groups() {
        JsonNode groups = get("/apis").orThrow().path("groups");
        return StreamSupport.stream(groups.spliterator(), false)
                .map(group ->
                        group.path("preferredVersion").path("groupVersion").asString());
    }

    private List<Type> types(String apiVersion) {
        return types.computeIfAbsent(apiVersion, version -> {
            JsonNode resources = get(version.equals("v1") ? "/api/v1" : "/apis/" + version)
                    .orThrow()
                    .path("resources");
            return StreamSupport.stream(resources.spliterator(), false)
                    .filter(resource -> !resource.path("name").asString().contains("/"))
                    .map(resource -> new Type(
                            version,
                            resource.path("kind").asString(),
                            resource.path("name").asString(),
                            resource.path("namespaced").asBoolean(),
                            resource.path("verbs").toString().contains("\"list\"")))
                    .toList();
        });
    }

    private Response send(String method, String path, String contentType, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(cluster.server() + path))
                .header("Authorization", "Bearer " + cluster.token())
                .header("Content-Type", contentType)
                .timeout(TIMEOUT)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            boolean json =
                    answer.headers().firstValue("content-type").orElse("").startsWith("application/json");
            return new Response(
                    answer.statusCode(),
                    answer.headers().allValues("warning"),
                    // The response for an unknown resource is plain text instead of JSON.
                    json
                            ? JSON.readTree(answer.body())
                            : JSON.createObjectNode().put("message", answer.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
