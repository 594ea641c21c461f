package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tests that a real API server accepts all objects of the chart, with strict field validation and without warnings. The
 * API server warns about deprecated or doubtful fields, and about pods that violate a pod security standard.
 */
@ExtendWith(ControlPlane.Extension.class)
class ApiServerAcceptsTest {
    private static final String REFUSED = "would violate PodSecurity \\\"restricted:latest\\\"";

    @TempDir
    Path folder;

    private static ControlPlane plane;

    @BeforeAll
    static void start(ControlPlane started) {
        plane = started;
        plane.createNamespace(Chart.NAMESPACE, Map.of("pod-security.kubernetes.io/warn", "restricted"));
    }

    static Stream<String> examples() throws Exception {
        return ReadmeTest.examples();
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void acceptsWhatTheChartRenders(String valuesFile) {
        accepts(Chart.objects(Chart.manifest(valuesFile)));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void acceptsWhatTheReadmesExamplesRender(String values) throws Exception {
        accepts(Chart.objects(Chart.manifestOf(values, folder)));
    }

    private static void accepts(List<ObjectNode> objects) {
        // When
        Map<String, KubernetesApi.Response> answers = new TreeMap<>();
        objects.forEach(object -> answers.put(Rendered.id(object), plane.api().dryRun(object)));

        // Then
        assertThat(answers).isNotEmpty();
        assertThat(answers.entrySet().stream().filter(answer -> !isAsItShouldBe(answer.getKey(), answer.getValue())))
                .isEmpty();
    }

    private static boolean isAsItShouldBe(String object, KubernetesApi.Response answer) {
        List<String> unexpected = answer.warnings().stream()
                .filter(warning -> !isExpected(object, warning))
                .toList();
        return unexpected.isEmpty() && (answer.status() == 200 || answer.status() == 201);
    }

    /**
     * Returns true for the two warnings that are expected. The first one says that the collector violates the pod
     * security standard, because the collector needs access to its node. The second one says that Strimzi's v1beta2 is
     * deprecated, but Strimzi versions that do not have v1 need it.
     */
    private static boolean isExpected(String object, String warning) {
        return object.startsWith("DaemonSet ")
                ? warning.contains(REFUSED)
                : object.startsWith("Kafka") && warning.contains("Version v1beta2 of the Kafka");
    }

    @Test
    void refusesAnUnknownField() {
        // Given
        ObjectNode daemonSet =
                Chart.render("minimal.yaml").workload("collector").deepCopy();
        ((ObjectNode) Rendered.container(daemonSet)).put("readinessprobe", "misspelt");

        // When
        KubernetesApi.Response answer = plane.api().dryRun(daemonSet);

        // Then
        assertThat(answer.status()).isGreaterThanOrEqualTo(400);
        assertThat(answer.body().path("message").asString()).contains("readinessprobe");
    }

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "restricted"})
    void onlyTheCollectorViolatesThePodSecurityStandard(String standard) {
        // Given
        String namespace = "warns-of-" + standard;
        plane.createNamespace(namespace, Map.of("pod-security.kubernetes.io/warn", standard));
        Rendered rendered =
                new Rendered(Chart.objects(Chart.manifest(Chart.VALUES.resolve("minimal.yaml"), namespace)));

        // When
        List<String> warned = rendered.workloads()
                .filter(workload -> !plane.api().dryRun(workload).warnings().isEmpty())
                .map(Rendered::kind)
                .toList();

        // Then
        assertThat(warned).containsExactly("DaemonSet");
    }

    @Test
    void warnsOfADoubtfulField() {
        // Given
        ObjectNode deployment =
                Chart.render("minimal.yaml").workload("enricher").deepCopy();
        ((ObjectNode) Rendered.podSpec(deployment).path("nodeSelector")).put("beta.kubernetes.io/os", "linux");

        // When
        KubernetesApi.Response answer = plane.api().dryRun(deployment);

        // Then
        assertThat(answer.warnings()).singleElement().asString().contains("beta.kubernetes.io/os");
    }
}
