package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.http.command.HelpOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Tests that the services have each option and each environment variable that the chart sets. */
class OptionsTest {
    /**
     * Environment variables that are no options: the JVM reads them, or they only occur in the values of other
     * variables.
     */
    private static final Set<String> RUNTIME = Set.of("JDK_JAVA_OPTIONS", "POD_NAME", "POD_NAMESPACE");

    @ParameterizedTest
    @ValueSource(strings = {"collector", "enricher", "topology"})
    void areKnownToTheService(String component) {
        // Given
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
        assertThat(given).isNotEmpty().isSubsetOf(CommandHelp.options(component));
        assertThat(variables)
                .isNotEmpty()
                .isSubsetOf(CommandHelp.help(component).options().stream()
                        .map(HelpOption::variable)
                        .toList());
    }
}
