package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.natator.http.HttpOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** What the chart tells the services, they know: each option, and each environment variable. */
class OptionsTest {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:([A-Z_]+)");

    /** Where each service's options are declared, the first that exists. */
    private static final Map<String, List<String>> DECLARED_IN = Map.of(
            "collector", List.of("io.natator.collector.CollectorOptions"),
            "enricher", List.of("io.natator.enricher.EnricherOptions", "io.natator.enricher.EnricherMain"),
            "topology", List.of("io.natator.topology.TopologyOptions"));

    /** Variables that are the runtime's own, or that others are made of. */
    private static final Set<String> RUNTIME = Set.of("JDK_JAVA_OPTIONS", "POD_NAME", "POD_NAMESPACE");

    @ParameterizedTest
    @ValueSource(strings = {"collector", "enricher", "topology"})
    void areKnownToTheService(String component) {
        // Given
        List<Option> options = options(component);
        assumeTrue(!options.isEmpty(), component + " has no options yet");
        Rendered rendered = Chart.render("scram.yaml");
        JsonNode container = Rendered.container(rendered.workload(component));

        // When
        List<String> given = container
                .path("args")
                .valueStream()
                .map(JsonNode::asString)
                .filter(argument -> argument.startsWith("--"))
                .map(argument -> argument.replaceFirst("=.*", ""))
                .toList();
        Stream<String> own = container
                .path("env")
                .valueStream()
                .map(variable -> variable.path("name").asString());
        Stream<String> shared =
                Rendered.strings(
                        rendered.object("ConfigMap", "natator-settings").path("data"))
                        .keySet()
                        .stream();
        List<String> variables = Stream.concat(own, shared)
                .filter(name -> !RUNTIME.contains(name))
                .toList();

        // Then
        assertThat(given)
                .isNotEmpty()
                .isSubsetOf(options.stream()
                        .flatMap(option -> Stream.of(option.names()))
                        .toList());
        assertThat(variables)
                .isNotEmpty()
                .isSubsetOf(options.stream()
                        .flatMap(option ->
                                VARIABLE.matcher(option.defaultValue()).results())
                        .map(match -> match.group(1))
                        .collect(Collectors.toSet()));
    }

    private static List<Option> options(String component) {
        return DECLARED_IN.getOrDefault(component, List.of()).stream()
                .map(OptionsTest::find)
                .flatMap(Optional::stream)
                .limit(1)
                .flatMap(type -> Stream.of(type, HttpOptions.class))
                .flatMap(type -> Arrays.stream(type.getDeclaredFields()))
                .map(field -> Optional.ofNullable(field.getAnnotation(Option.class)))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<Class<?>> find(String type) {
        try {
            return Optional.of(Class.forName(type, false, OptionsTest.class.getClassLoader()));
        } catch (ClassNotFoundException notThere) {
            return Optional.empty();
        }
    }
}
