package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tests that references between rendered objects are valid: selectors, ports, mounts, accounts. */
class ChartReferencesTest {
    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void eachSelectorMatchesThePodsOfOneWorkload(String valuesFile) {
        // When
        Rendered rendered = Chart.render(valuesFile);

        // Then
        List<ObjectNode> selecting = rendered.objects().stream()
                .filter(object -> !selector(object).isEmpty())
                .toList();
        assertThat(selecting).hasSizeGreaterThan(2);
        assertThat(selecting).allSatisfy(object -> {
            List<String> selected = rendered.workloads()
                    .filter(workload -> Rendered.podLabels(workload)
                            .entrySet()
                            .containsAll(selector(object).entrySet()))
                    .map(Rendered::name)
                    .toList();
            assertThat(selected).as(() -> Rendered.id(object)).hasSize(1);
            assertThat(Rendered.name(object)).startsWith(selected.getFirst());
        });
    }

    @Test
    void selectorsStayTheSameInAnUpgrade() {
        // When
        Stream<Map<String, String>> plain =
                Chart.render("minimal.yaml").workloads().map(ChartReferencesTest::selector);
        Stream<Map<String, String>> secured =
                Chart.render("scram.yaml").workloads().map(ChartReferencesTest::selector);

        // Then
        assertThat(secured).containsExactlyElementsOf(plain.toList());
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void everythingThatAPodNeedsIsRendered(String valuesFile) {
        // When
        Rendered rendered = Chart.render(valuesFile);

        // Then
        assertThat(rendered.workloads()).allSatisfy(workload -> {
            JsonNode container = Rendered.container(workload);
            Set<String> volumes = Stream.concat(
                            values(Rendered.podSpec(workload).path("volumes"), "name"),
                            workload.path("spec")
                                    .path("volumeClaimTemplates")
                                    .valueStream()
                                    .map(Rendered::name))
                    .collect(Collectors.toSet());
            assertThat(values(container.path("volumeMounts"), "name"))
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(volumes);
            assertThat(values(container.path("volumeMounts"), "mountPath")).doesNotHaveDuplicates();
            Rendered.podSpec(workload)
                    .findValues("configMap")
                    .forEach(volume ->
                            rendered.object("ConfigMap", volume.path("name").asString()));
            container
                    .findValues("configMapRef")
                    .forEach(reference ->
                            rendered.object("ConfigMap", reference.path("name").asString()));
            String account =
                    Rendered.podSpec(workload).path("serviceAccountName").asString();
            assertThat(rendered.find("ServiceAccount", account).isPresent()
                            || Set.of("existing", "default").contains(account))
                    .as(account)
                    .isTrue();
        });
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void portsAreReferencedByName(String valuesFile) {
        // When
        Rendered rendered = Chart.render(valuesFile);

        // Then
        assertThat(rendered.workloads()
                        .map(workload ->
                                Rendered.container(workload).path("ports").path(0)))
                .allSatisfy(port -> assertThat(port.path("name").asString()).isEqualTo("http"));
        assertThat(rendered.ofKind("Service")
                        .flatMap(service -> values(service.path("spec").path("ports"), "targetPort")))
                .containsOnly("http");
        assertThat(rendered.ofKind("PodMonitor")
                        .flatMap(monitor -> values(monitor.path("spec").path("podMetricsEndpoints"), "port")))
                .allMatch("http"::equals);
    }

    @Test
    void theStatefulSetNamesItsHeadlessService() {
        // When
        Rendered rendered = Chart.render("everything.yaml");

        // Then
        ObjectNode set = rendered.workload("topology");
        ObjectNode service =
                rendered.object("Service", set.path("spec").path("serviceName").asString());
        assertThat(service.path("spec").path("clusterIP").asString()).isEqualTo("None");
    }

    @Test
    void changedSettingsRestartThePods() {
        // When
        String before = checksum("minimal.yaml");
        String after = checksum("strimzi.yaml");

        // Then
        assertThat(after).isNotEqualTo(before);
    }

    private static String checksum(String valuesFile) {
        return Chart.render(valuesFile)
                .workload("collector")
                .findValue("checksum/settings")
                .asString();
    }

    private static Map<String, String> selector(ObjectNode object) {
        JsonNode spec = object.path("spec");
        return switch (Rendered.kind(object)) {
            case "Service" -> Rendered.strings(spec.path("selector"));
            case "NetworkPolicy" -> Rendered.strings(spec.path("podSelector").path("matchLabels"));
            default -> Rendered.strings(spec.path("selector").path("matchLabels"));
        };
    }

    private static Stream<String> values(JsonNode array, String field) {
        return array.valueStream().map(element -> element.path(field).asString());
    }
}
