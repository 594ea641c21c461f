package io.natator.enricher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The responses of an API server on which the enricher depends. Tests compare them with those of a real API server and
 * of every fake one.
 */
public final class ApiContract {
    /** Accept header of a list of metadata, as the enricher sends it. */
    public static final String METADATA_LIST =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    /** Accept header of one object's metadata, or of a watch of metadata. */
    public static final String METADATA =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    private static final String WHOLE = "application/json";
    private static final JsonMapper JSON = JsonMapper.shared();

    /** An API server whose responses are compared with the expected ones. */
    public interface Subject {
        HttpClient http();

        String url();

        /**
         * Adds the credentials of a caller to a request.
         */
        void authorize(HttpRequest.Builder request, Caller caller);
    }

    /** A caller of the API. */
    public enum Caller {
        ALLOWED,
        /** The caller has an invalid token. */
        UNKNOWN,
        /** The caller has a valid token, but no rights. */
        FORBIDDEN
    }

    /**
     * A request and its expected response.
     *
     * @param path path and query; {@code VERSION} stands for a resource version at which the objects exist
     * @param response the expected status, content type and fields
     */
    public record Case(String name, String path, String accept, Caller caller, String response) {
        @Override
        public String toString() {
            return name;
        }
    }

    private ApiContract() {}

    private static Case of(String name, String path, String accept, String response) {
        return new Case(name, path, accept, Caller.ALLOWED, response);
    }

    /**
     * Returns the cases that list objects.
     *
     * @param replicaSets the path of a collection of at least two ReplicaSets
     * @param pods the path of a collection of at least two pods
     * @param none the path of an empty collection of ReplicationControllers
     */
    public static List<Case> reads(String replicaSets, String pods, String none) {
        String metadataItem = "{apiVersion,kind,metadata}";
        return List.of(
                of(
                        "empty list",
                        none + "?limit=500",
                        WHOLE,
                        "200 application/json ReplicationControllerList v1 {resourceVersion} items []"),
                of(
                        "empty list of metadata",
                        none + "?limit=500",
                        METADATA_LIST,
                        "200 application/json PartialObjectMetadataList meta.k8s.io/v1 {resourceVersion} items null"),
                of(
                        "list",
                        pods + "?limit=500",
                        WHOLE,
                        "200 application/json PodList v1 {resourceVersion} items [{metadata,spec,status}]"),
                of(
                        "list of metadata",
                        replicaSets + "?limit=500",
                        METADATA_LIST,
                        "200 application/json PartialObjectMetadataList meta.k8s.io/v1 {resourceVersion} items ["
                                + metadataItem + "]"),
                of(
                        "page of a list of metadata",
                        replicaSets + "?limit=1",
                        METADATA_LIST,
                        "200 application/json PartialObjectMetadataList meta.k8s.io/v1"
                                + " {continue,remainingItemCount,resourceVersion} items [" + metadataItem + "]"),
                of(
                        "page of a list",
                        pods + "?limit=1",
                        WHOLE,
                        "200 application/json PodList v1 {continue,remainingItemCount,resourceVersion} items"
                                + " [{metadata,spec,status}]"));
    }

    /** The text by which these tests describe a bookmark in a watch of metadata. */
    public static final String METADATA_BOOKMARK = "BOOKMARK PartialObjectMetadata meta.k8s.io/v1";

    /**
     * A watch of metadata that receives a bookmark. A real API server sends one about 2 s before the watch times out.
     */
    static Case bookmarkWatch(String replicaSets, int seconds) {
        return of(
                "watch of metadata for a bookmark",
                replicaSets + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds
                        + "&resourceVersion=VERSION",
                METADATA,
                "");
    }

    /**
     * Returns the cases that open a watch: each receives the events after a version and ends. Bookmarks are ignored in
     * the comparison.
     */
    public static List<Case> watches(String replicaSets, String pods) {
        String watch = "?watch=true&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=VERSION";
        return List.of(
                of(
                        "watch",
                        pods + watch,
                        WHOLE,
                        "200 application/json; MODIFIED Pod v1 {apiVersion,kind,metadata,spec,status}; end"),
                of(
                        "watch of metadata",
                        replicaSets + watch,
                        METADATA,
                        "200 application/json; MODIFIED PartialObjectMetadata meta.k8s.io/v1 {apiVersion,kind,metadata};"
                                + " end"),
                of(
                        "watch of metadata that asks for a list",
                        replicaSets + watch,
                        METADATA_LIST,
                        "200 application/json; end"));
    }

    /**
     * Cases that the fake API server of the benchmarks does not support: requests for single objects, discovery, and
     * refused requests.
     */
    public static List<Case> others(String replicaSets) {
        return List.of(
                of(
                        "watch from a version that has expired",
                        "/api/v1/namespaces/default/secrets?watch=true&timeoutSeconds=3&resourceVersion=1",
                        WHOLE,
                        "200 application/json; ERROR Status v1 Expired 410; end"),
                of(
                        "one object's metadata",
                        replicaSets + "/web-1",
                        METADATA,
                        "200 application/json PartialObjectMetadata meta.k8s.io/v1 {apiVersion,kind,metadata}"),
                of(
                        "object that does not exist",
                        replicaSets + "/no",
                        METADATA,
                        "404 application/json Status v1 NotFound 404 of replicasets"),
                of(
                        "discovery",
                        "/apis/apps/v1",
                        WHOLE,
                        "200 application/json APIResourceList v1 {apiVersion,groupVersion,kind,resources}"),
                of(
                        "discovery of a group that is not served",
                        "/apis/nowhere.example.org/v1",
                        WHOLE,
                        "404 text/plain; charset=utf-8"),
                of(
                        "resource that is not served",
                        "/apis/apps/v1/nothings",
                        WHOLE,
                        "404 application/json Status v1 NotFound 404"),
                new Case(
                        "token that is wrong",
                        "/api/v1/pods?limit=1",
                        WHOLE,
                        Caller.UNKNOWN,
                        "401 application/json Status v1 Unauthorized 401"),
                new Case(
                        "list without the right",
                        "/api/v1/pods?limit=1",
                        METADATA_LIST,
                        Caller.FORBIDDEN,
                        "403 application/json Status v1 Forbidden 403 of pods"),
                new Case(
                        "watch without the right",
                        "/api/v1/pods?watch=true&resourceVersion=1",
                        METADATA,
                        Caller.FORBIDDEN,
                        "403 application/json Status v1 Forbidden 403 of pods"),
                new Case(
                        "object without the right",
                        replicaSets + "/web-1",
                        METADATA,
                        Caller.FORBIDDEN,
                        "403 application/json Status v1 Forbidden 403 of replicasets"));
    }

    /** Sends a request and describes its response without bookmarks. */
    public static String response(Subject subject, Case request, String version)
            throws IOException, InterruptedException {
        return fullResponse(subject, request, version).replaceAll("BOOKMARK [^;]*; ", "");
    }

    /** Sends a request and describes its response. */
    public static String fullResponse(Subject subject, Case request, String version)
            throws IOException, InterruptedException {
        String base = subject.url().endsWith("/")
                ? subject.url().substring(0, subject.url().length() - 1)
                : subject.url();
        var builder = HttpRequest.newBuilder(URI.create(base + request.path().replace("VERSION", version)))
                .header("Accept", request.accept());
        subject.authorize(builder, request.caller());
        HttpResponse<InputStream> response =
                subject.http().send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
        String head = response.statusCode() + " "
                + response.headers().firstValue("Content-Type").orElse("");
        try (var body = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            if (response.statusCode() == 200 && request.path().contains("watch=true")) {
                List<String> events = new ArrayList<>(List.of(head));
                for (String line = body.readLine(); line != null; line = body.readLine()) {
                    JsonNode event = JSON.readTree(line);
                    String type = event.path("type").asString();
                    JsonNode object = event.path("object");
                    events.add(type + " " + (type.equals("BOOKMARK") ? kindOf(object) : shape(object)));
                }
                events.add("end");
                return String.join("; ", events);
            }
            String text = body.readAllAsString();
            return text.startsWith("{") ? head + " " + shape(JSON.readTree(text)) : head;
        }
    }

    private static String kindOf(JsonNode object) {
        return object.path("kind").asString() + " " + object.path("apiVersion").asString();
    }

    private static String shape(JsonNode object) {
        if (object.path("kind").asString().equals("Status")) {
            String kind = object.path("details").path("kind").asString("");
            return kindOf(object) + " " + object.path("reason").asString() + " "
                    + object.path("code").asInt() + (kind.isEmpty() ? "" : " of " + kind);
        }
        JsonNode items = object.get("items");
        return items == null
                ? kindOf(object) + " " + fields(object)
                : kindOf(object) + " " + fields(object.path("metadata")) + " items " + shapes(items);
    }

    private static String shapes(@Nullable JsonNode items) {
        if (items == null || items.isNull()) {
            return "null";
        }
        TreeSet<String> shapes = new TreeSet<>();
        items.forEach(item -> shapes.add(fields(item)));
        return shapes.toString();
    }

    private static String fields(JsonNode object) {
        return "{" + String.join(",", new TreeSet<>(object.propertyNames())) + "}";
    }
}
