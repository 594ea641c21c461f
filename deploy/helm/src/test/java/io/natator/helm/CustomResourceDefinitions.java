package io.natator.helm;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The definitions (CRDs) of the custom resources that the chart renders. The definitions of the Prometheus Operator are
 * read from its Go module. The definitions of Strimzi are generated from Strimzi's API classes by Strimzi's CRD
 * generator.
 */
final class CustomResourceDefinitions {
    private static final String PROMETHEUS_OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0";
    private static final List<String> PROMETHEUS_RESOURCES = List.of("podmonitors", "prometheusrules");
    private static final List<String> STRIMZI_RESOURCES = List.of("topic.KafkaTopic", "user.KafkaUser");
    /** The folder into which Maven unpacks Strimzi's API and generator, see the pom. */
    private static final Path STRIMZI = Path.of("target/strimzi");

    private CustomResourceDefinitions() {}

    /** Returns all definitions. The first call on a machine downloads files; Go and Maven cache them. */
    static List<JsonNode> all() throws IOException {
        try {
            List<JsonNode> definitions = new ArrayList<>(prometheusOperator());
            definitions.addAll(strimzi());
            return definitions;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static List<JsonNode> prometheusOperator() throws IOException, InterruptedException {
        JsonNode module = JsonMapper.shared()
                .readTree(Processes.run(
                        List.of("env", "-C", "/", "go", "mod", "download", "-json", PROMETHEUS_OPERATOR)));
        Path folder = Path.of(module.path("Dir").asString(), "example", "prometheus-operator-crd");
        return PROMETHEUS_RESOURCES.stream()
                .map(name -> read(folder.resolve("monitoring.coreos.com_" + name + ".yaml")))
                .toList();
    }

    /**
     * Strimzi's definitions of the current version v1 and of the last v1beta2. The chart's objects are equal in both.
     */
    private static List<JsonNode> strimzi() throws IOException, InterruptedException {
        List<JsonNode> definitions = new ArrayList<>();
        for (String resource : STRIMZI_RESOURCES) {
            ObjectNode now = generate("v1", resource);
            JsonNode before = generate("v1beta2", resource);
            var versions = (ArrayNode) now.path("spec").path("versions");
            before.path("spec")
                    .path("versions")
                    .valueStream()
                    .filter(version -> version.path("name").asString().equals("v1beta2"))
                    .forEach(version -> versions.add(((ObjectNode) version).put("storage", false)));
            definitions.add(now);
        }
        return definitions;
    }

    private static ObjectNode generate(String version, String resource) throws IOException, InterruptedException {
        Path file = STRIMZI.resolve(resource + "-" + version + ".yaml").toAbsolutePath();
        // The generator runs with the class path of these tests, because it needs the Java classes of Kubernetes'
        // objects (fabric8's model).
        String classPath = String.join(
                File.pathSeparator,
                Stream.concat(
                                Stream.of("crd-generator.jar", "api-" + version + ".jar")
                                        .map(jar -> STRIMZI.resolve(jar).toString()),
                                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                        .filter(jar -> jar.contains("kubernetes-model-")))
                        .toList());
        Processes.run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                "io.strimzi.crdgenerator.CrdGenerator",
                "--yaml",
                "--crd-api-version",
                "v1",
                "io.strimzi.api.kafka.model." + resource + "=" + file));
        return (ObjectNode) read(file);
    }

    private static JsonNode read(Path file) {
        return Chart.YAML.readTree(file);
    }
}
