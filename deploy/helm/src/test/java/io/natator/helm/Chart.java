package io.natator.helm;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Renders the chart with Helm. */
final class Chart {
    static final Path FOLDER = Path.of("natator").toAbsolutePath();
    static final String NAMESPACE = "observability";
    static final String KUBERNETES = "1.31.0";
    static final YAMLMapper YAML = new YAMLMapper();
    static final Path VALUES = Path.of("src/test/resources/values");

    private Chart() {}

    static Helm helm() {
        return new Helm(FOLDER);
    }

    /** The names of the values files for tests. Each file is one way to install the chart. */
    static Stream<String> valuesFiles() {
        try (Stream<Path> files = Files.list(VALUES)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Renders the chart's objects with one of the values files.
     *
     * @throws RuntimeException if Helm refuses the values; the message is Helm's
     */
    static String manifest(String valuesFile) {
        return manifest(VALUES.resolve(valuesFile));
    }

    static String manifest(Path valuesFile) {
        return manifest(valuesFile, NAMESPACE);
    }

    static String manifest(Path valuesFile, String namespace) {
        return helm().template()
                .withName("natator")
                .withNamespace(namespace)
                .withKubeVersion(KUBERNETES)
                .withValuesFile(valuesFile)
                .call();
    }

    /** Renders the chart's objects with values given as YAML. */
    static String manifestOf(String values, Path folder) throws IOException {
        return manifest(Files.writeString(folder.resolve("values.yaml"), values));
    }

    static List<ObjectNode> objects(String manifest) {
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(manifest)) {
            return documents.readAll().stream()
                    .filter(JsonNode::isObject)
                    .map(ObjectNode.class::cast)
                    .toList();
        }
    }

    static Rendered render(String valuesFile) {
        return new Rendered(objects(manifest(valuesFile)));
    }
}
