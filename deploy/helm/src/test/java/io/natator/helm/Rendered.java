package io.natator.helm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The objects that the chart renders for certain values. */
record Rendered(List<ObjectNode> objects) {
    private static final List<String> WORKLOADS = List.of("DaemonSet", "Deployment", "StatefulSet");

    Stream<ObjectNode> ofKind(String kind) {
        return objects.stream().filter(object -> kind(object).equals(kind));
    }

    Stream<ObjectNode> workloads() {
        return objects.stream().filter(object -> WORKLOADS.contains(kind(object)));
    }

    ObjectNode object(String kind, String name) {
        return find(kind, name)
                .orElseThrow(() -> new AssertionError(kind + " " + name + " is not rendered; there are "
                        + objects.stream().map(Rendered::id).toList()));
    }

    Optional<ObjectNode> find(String kind, String name) {
        return ofKind(kind).filter(object -> name(object).equals(name)).findFirst();
    }

    ObjectNode workload(String component) {
        return workloads()
                .filter(object -> name(object).endsWith("-" + component))
                .findFirst()
                .orElseThrow();
    }

    static String kind(JsonNode object) {
        return object.path("kind").asString();
    }

    static String name(JsonNode object) {
        return object.path("metadata").path("name").asString();
    }

    static String id(JsonNode object) {
        return kind(object) + " " + object.path("metadata").path("namespace").asString("") + "/" + name(object);
    }

    static JsonNode podSpec(JsonNode workload) {
        return workload.path("spec").path("template").path("spec");
    }

    static JsonNode container(JsonNode workload) {
        return podSpec(workload).path("containers").path(0);
    }

    static Map<String, String> podLabels(JsonNode workload) {
        return strings(workload.path("spec").path("template").path("metadata").path("labels"));
    }

    static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new TreeMap<>();
        object.properties()
                .forEach(entry -> strings.put(entry.getKey(), entry.getValue().asString()));
        return strings;
    }
}
