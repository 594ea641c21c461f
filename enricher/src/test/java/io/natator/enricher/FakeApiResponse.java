package io.natator.enricher;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The response of a {@link FakeApiServer} to a request other than a watch. */
record FakeApiResponse(int code, String contentType, String body) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** The response for a path that is not served. */
    static final FakeApiResponse NOT_FOUND =
            new FakeApiResponse(404, "text/plain; charset=utf-8", "404 page not found\n");

    /** The event that a watch from an expired version receives. */
    static final String EXPIRED =
            "{\"type\":\"ERROR\",\"object\":" + failure(410, "Expired", "too old resource version: 1 (2)") + "}";

    static FakeApiResponse status(int code, String reason, String message) {
        return new FakeApiResponse(
                code, "application/json", failure(code, reason, message).toString());
    }

    private static ObjectNode failure(int code, String reason, String message) {
        ObjectNode status = JSON.createObjectNode();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        return status.put("status", "Failure")
                .put("message", message)
                .put("reason", reason)
                .put("code", code);
    }

    private static FakeApiResponse object(int code, ObjectNode object) {
        return new FakeApiResponse(code, "application/json", object.toString());
    }

    static FakeApiResponse forbidden(String verb, String plural, String apiVersion, String namespace) {
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        ObjectNode status = failure(
                403,
                "Forbidden",
                plural + (group.isEmpty() ? "" : "." + group) + " is forbidden: User \"enricher\" cannot " + verb
                        + " resource \"" + plural + "\" in API group \"" + group + "\" "
                        + (namespace.isEmpty() ? "at the cluster scope" : "in the namespace \"" + namespace + "\""));
        status.putObject("details").put("group", group).put("kind", plural);
        return object(403, status);
    }

    private static FakeApiResponse absent(FakeApiPath path) {
        ObjectNode status = failure(404, "NotFound", path.plural() + " \"" + path.name() + "\" not found");
        status.putObject("details").put("name", path.name()).put("kind", path.plural());
        return object(404, status);
    }

    /** Reads or changes one object. */
    static FakeApiResponse toObjectRequest(
            HttpExchange exchange,
            FakeApiObjects objects,
            FakeApiObjects.Resource resource,
            FakeApiPath path,
            String accept)
            throws IOException {
        String namespace = path.namespace();
        return switch (exchange.getRequestMethod()) {
            case "GET" -> {
                ObjectNode found = objects.get(resource, namespace, path.name());
                boolean metadataOnly = accept.startsWith("application/json;as=PartialObjectMetadata;");
                yield found == null
                        ? absent(path)
                        : object(200, metadataOnly ? FakeApiObjects.metadataOf(found) : found);
            }
            case "POST" -> {
                ObjectNode created = objects.create(resource, namespace, bodyOf(exchange));
                yield created == null ? status(409, "AlreadyExists", "already exists") : object(201, created);
            }
            case "PUT" -> changed(objects, resource, path, bodyOf(exchange));
            case "PATCH" -> {
                ObjectNode current = objects.get(resource, namespace, path.name());
                if (current == null) {
                    yield absent(path);
                }
                FakeApiObjects.mergePatch(current, bodyOf(exchange));
                yield changed(objects, resource, path, current);
            }
            case "DELETE" -> {
                ObjectNode removed = objects.delete(resource, namespace, path.name());
                yield removed == null ? absent(path) : object(200, removed);
            }
            default -> status(405, "MethodNotAllowed", "the server does not allow this method");
        };
    }

    private static FakeApiResponse changed(
            FakeApiObjects objects, FakeApiObjects.Resource resource, FakeApiPath path, @Nullable ObjectNode value) {
        if (value == null || !objects.update(resource, path.namespace(), value)) {
            return status(409, "Conflict", "the object has been modified");
        }
        ObjectNode stored = objects.get(resource, path.namespace(), path.name());
        return stored == null ? absent(path) : object(200, stored);
    }

    private static ObjectNode bodyOf(HttpExchange exchange) throws IOException {
        return (ObjectNode) JSON.readTree(exchange.getRequestBody().readAllBytes());
    }

    void send(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", contentType);
        exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
