package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.helm.CustomResources.PrometheusRule;
import io.natator.helm.CustomResources.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tests the alerts with promtool, and the PrometheusRule that the chart renders. */
class AlertsTest {
    private static final Path RULES = Chart.FOLDER.resolve("alerts/natator.yaml");
    private static final Path UNIT_TESTS = Path.of("src/test/resources/alerts/natator.test.yaml");

    @TempDir
    Path folder;

    @Test
    void fireOnlyWhenTheyShould() throws IOException, InterruptedException {
        // Given
        Files.copy(RULES, folder.resolve("natator.yaml"));
        Path tests = Files.copy(UNIT_TESTS, folder.resolve("natator.test.yaml"));

        // When
        String output = Processes.run(List.of("promtool", "test", "rules", tests.toString()));

        // Then
        assertThat(output).contains("SUCCESS");
    }

    @Test
    void changedThresholdFailsTheirTests() throws IOException {
        // Given
        Files.writeString(
                folder.resolve("natator.yaml"),
                Files.readString(RULES).replace("capacity_bytes > 0.25", "capacity_bytes > 0.95"));
        Path tests = Files.copy(UNIT_TESTS, folder.resolve("natator.test.yaml"));

        // When
        var testing = assertThatThrownBy(() -> Processes.run(List.of("promtool", "test", "rules", tests.toString())));

        // Then
        testing.hasMessageContaining("NatatorUnacknowledgedClosesGrowing");
    }

    @Test
    void eachIsTestedFiringAndNotFiring() {
        // Given
        JsonNode tests = Chart.YAML.readTree(UNIT_TESTS.toFile());

        // When
        List<JsonNode> cases = tests.findValues("alert_rule_test").stream()
                .flatMap(JsonNode::valueStream)
                .toList();

        // Then
        assertThat(rules()).allSatisfy(rule -> {
            List<Boolean> firing = cases.stream()
                    .filter(test -> test.path("alertname")
                            .asString()
                            .equals(rule.path("alert").asString()))
                    .map(test -> test.has("exp_alerts"))
                    .toList();
            assertThat(firing).as(rule.path("alert").asString()).contains(true, false);
        });
    }

    @Test
    void eachHasADescriptionAndASeverity() {
        // When
        List<JsonNode> rules = rules();

        // Then
        assertThat(rules).allSatisfy(rule -> {
            assertThat(rule.path("labels").path("severity").asString()).isIn("warning", "critical");
            assertThat(rule.path("annotations").path("summary").asString()).isNotBlank();
            assertThat(rule.path("annotations").path("description").asString()).isNotBlank();
        });
        assertThat(rules.stream().map(rule -> rule.path("alert").asString())).doesNotHaveDuplicates();
    }

    @Test
    void chartRendersAllButTheDisabledOnes() throws IOException, InterruptedException {
        // When
        ObjectNode object = Chart.render("everything.yaml").object("PrometheusRule", "natator-swimmer");

        // Then
        Path rendered =
                Files.writeString(folder.resolve("rendered.yaml"), Chart.YAML.writeValueAsString(object.path("spec")));
        assertThat(Processes.run(List.of("promtool", "check", "rules", rendered.toString())))
                .contains("SUCCESS: " + (rules().size() - 1) + " rules found");
        Map<String, String> expressions = rules().stream()
                .filter(rule -> !rule.path("alert").asString().equals("NatatorRetransmitsRising"))
                .collect(java.util.stream.Collectors.toMap(
                        rule -> rule.path("alert").asString(),
                        rule -> rule.path("expr").asString()));
        List<Rule> handedOn = ((PrometheusRule) KubernetesModel.read(object))
                .spec().groups().stream()
                        .flatMap(group -> group.rules().stream())
                        .toList();
        assertThat(handedOn).allSatisfy(rule -> {
            assertThat(rule.expr()).isEqualTo(expressions.get(rule.alert()));
            assertThat(rule.labels()).containsEntry("team", "platform").containsKey("severity");
        });
        assertThat(handedOn).hasSize(expressions.size());
    }

    @Test
    void chartWithoutEnricherHasNoAlertForIt() {
        // When
        ObjectNode object = Chart.render("no-enricher-alerts.yaml").object("PrometheusRule", "natator");

        // Then
        assertThat(object.findValuesAsString("alert"))
                .contains("NatatorTopologyDown")
                .doesNotContain("NatatorEnricherDown");
    }

    private static List<JsonNode> rules() {
        return Chart.YAML
                .readTree(RULES.toFile())
                .path("groups")
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream())
                .toList();
    }
}
