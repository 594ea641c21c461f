package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.http.command.HelpOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the help pages of the three services have the same layout, and the same text for shared options. */
class ServiceHelpTest {
    private static final List<String> SERVICES = List.of("collector", "enricher", "topology");

    /** Options that every service has. */
    private static final List<String> SHARED = List.of(
            "--bootstrap-servers",
            "--topic-prefix",
            "--kafka-config",
            "--schema-registry-url",
            "--partitions",
            "--http-port",
            "--http-address",
            "--http-tls-certificate",
            "--http-tls-key",
            "--http-client-ca",
            "--http-token-file",
            "--http-allowed-hosts",
            "--log-level",
            "--log-format",
            "--help",
            "--version");

    @ParameterizedTest
    @ValueSource(strings = {"collector", "enricher", "topology"})
    void pagesHaveOneLayout(String service) {
        // When
        List<String> lines = CommandHelp.help(service).text().lines().toList();

        // Then
        assertThat(lines.getFirst()).matches("Usage: natator-" + service + " (\\[COMMAND\\] )?\\[OPTIONS\\]");
        assertThat(lines.get(1)).matches("[A-Z].*[^.]|[A-Z].*\\.");
        assertThat(lines)
                .containsSubsequence(
                        "A DURATION is a whole number and a unit: 200ms, 5s, 2m, 1h, 7d.",
                        "Options that show [,...] take several values and can be repeated.",
                        "Each option can also be set in the environment: NATATOR_HTTP_PORT sets --http-port.");
        assertThat(lines.getLast()).matches("Exit codes: 0 stopped, 1 could not start.*, 2 wrong options\\.");
    }

    @Test
    void sharedOptionsReadTheSame() {
        for (String name : SHARED) {
            // When
            List<String> written = SERVICES.stream()
                    .flatMap(service -> CommandHelp.help(service).options().stream())
                    .filter(option -> option.name().equals(name))
                    .map(option -> option + " " + withoutPort(option.description()))
                    .toList();

            // Then
            assertThat(written).as(name).hasSize(SERVICES.size());
            assertThat(written).as(name).containsOnly(written.getFirst());
        }
    }

    @Test
    void sharedOptionsStandInTheSameOrder() {
        assertThat(SERVICES)
                .allSatisfy(service -> assertThat(CommandHelp.help(service).options())
                        .extracting(HelpOption::name)
                        .containsSubsequence(SHARED.subList(0, 5))
                        .containsSubsequence(SHARED.subList(6, 14)));
    }

    @Test
    void optionsOfOneNameMeanOneThing() {
        // Given
        Set<String> differing = new HashSet<>();

        // When
        Map<String, List<HelpOption>> options = SERVICES.stream()
                .flatMap(service -> CommandHelp.help(service).options().stream())
                .collect(Collectors.groupingBy(HelpOption::name));
        options.forEach((name, same) -> {
            if (same.stream().map(HelpOption::toString).distinct().count() > 1) {
                differing.add(name);
            }
        });

        // Then
        assertThat(differing).isEmpty();
    }

    @Test
    void defaultPortsDiffer() {
        assertThat(SERVICES.stream()
                        .flatMap(service -> CommandHelp.help(service).options().stream())
                        .filter(option -> option.name().equals("--http-port"))
                        .map(HelpOption::description))
                .hasSize(SERVICES.size())
                .doesNotHaveDuplicates()
                .allMatch(description -> description.matches(".*\\(default: 71\\d\\d\\)\\."));
    }

    /**
     * Each option's variable is {@code NATATOR_} followed by the option's name, so no description has to name a
     * variable.
     */
    @Test
    void noOptionHasAVariableOfAnotherName() {
        assertThat(SERVICES)
                .flatExtracting(service -> CommandHelp.help(service).options())
                .allSatisfy(option -> assertThat(option.description()).doesNotContain("NATATOR_", "NODE_NAME"));
    }

    private static String withoutPort(String description) {
        return description.replaceFirst("\\(default: 71\\d\\d\\)", "");
    }
}
