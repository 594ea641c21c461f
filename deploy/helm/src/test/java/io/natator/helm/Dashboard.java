package io.natator.helm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A dashboard's file, and the queries that Grafana sends for it. */
record Dashboard(String file, JsonNode json) {
    /** The values that the tests use for variables whose default in the dashboard is not "All". */
    private static final Map<String, String> CHOSEN = Map.of("namespace", "shop", "workload", "cart");

    /** One query of one panel. */
    record Query(String dashboard, JsonNode panel, JsonNode target, String expression) {
        boolean isRange() {
            return target.path("range").asBoolean();
        }

        @Override
        public String toString() {
            return dashboard + " / " + panel.path("title").asString() + " / "
                    + target.path("refId").asString();
        }
    }

    static Stream<Dashboard> all() {
        try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("dashboards"))) {
            List<Dashboard> dashboards = files.sorted()
                    .map(file -> new Dashboard(
                            file.getFileName().toString(), JsonMapper.shared().readTree(file.toFile())))
                    .toList();
            return dashboards.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Stream<JsonNode> panels() {
        return json.path("panels")
                .valueStream()
                .filter(panel -> !panel.path("type").asString().equals("row"));
    }

    Stream<JsonNode> variables() {
        return json.path("templating").path("list").valueStream();
    }

    /** The queries of all panels, with each variable replaced by its value. */
    Stream<Query> queries() {
        return panels().flatMap(panel -> panel.path("targets")
                .valueStream()
                .map(target -> new Query(
                        file, panel, target, fillIn(target.path("expr").asString()))));
    }

    /** Replaces variables by their values, as Grafana does. */
    String fillIn(String text) {
        // If one name starts with another name, the longer one is replaced first.
        Map<String, String> values = new TreeMap<>((one, other) -> other.compareTo(one));
        values.putAll(Map.of("__rate_interval", "15s", "__range", "30s", "__interval", "1s"));
        variables().forEach(variable -> values.put(variable.path("name").asString(), value(variable)));
        String filled = text;
        for (var entry : values.entrySet()) {
            filled = filled.replace("$" + entry.getKey(), entry.getValue());
        }
        return filled;
    }

    private static String value(JsonNode variable) {
        if (variable.path("includeAll").asBoolean()) {
            return variable.path("allValue").asString();
        }
        String name = variable.path("name").asString();
        return CHOSEN.getOrDefault(name, variable.path("current").path("value").asString(""));
    }
}
