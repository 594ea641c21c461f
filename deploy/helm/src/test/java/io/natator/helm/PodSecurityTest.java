package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.marcnuri.helm.Helm;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Pod security admission refuses the collector's pods, and them alone, until the namespace is labelled as NOTES.txt says. */
@ExtendWith(ControlPlane.Extension.class)
class PodSecurityTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static ControlPlane plane;

    private String namespace = "";

    @BeforeAll
    static void start(ControlPlane started) {
        plane = started;
    }

    @AfterEach
    void remove() {
        if (!namespace.isEmpty()) {
            Helm.uninstall("natator")
                    .withNamespace(namespace)
                    .withKubeConfig(plane.kubeconfig())
                    .call();
            plane.removeNamespace(namespace);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "restricted"})
    void theNotesCommandsLeadToARunningRelease(String standard) throws Exception {
        assumeTrue(Processes.isInstalled("kubectl"), "kubectl is not installed");

        // Given
        namespace = "enforces-" + standard;
        plane.namespace(namespace, Map.of("pod-security.kubernetes.io/enforce", standard));
        plane.volumes(2, "", "ReadWriteOnce");
        String notes = Chart.helm()
                .install()
                .withName("natator")
                .withNamespace(namespace)
                .withKubeConfig(plane.kubeconfig())
                .withValuesFile(Chart.VALUES.resolve("minimal.yaml"))
                .call()
                .getOutput();
        Rendered rendered =
                new Rendered(Chart.objects(Chart.manifest(Chart.VALUES.resolve("minimal.yaml"), namespace)));
        plane.awaitReady(rendered.workload("enricher"));
        plane.awaitReady(rendered.workload("topology"));
        await("the collector's pods are refused")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(events())
                        .anyMatch(event -> event.contains("violates PodSecurity \"" + standard + ":latest\"")));
        JsonNode status = plane.api().live(rendered.workload("collector")).path("status");
        assertThat(status.path("desiredNumberScheduled").asInt()).isEqualTo(2);
        assertThat(status.path("currentNumberScheduled").asInt()).isZero();

        // When
        List<String> commands = notes.lines()
                .map(line -> line.replaceFirst(".*?kubectl ", "kubectl "))
                .filter(line -> line.startsWith("kubectl ") && !line.contains(" port-forward "))
                .sorted() // the label first, then what it is waited for by
                .toList();
        for (String command : commands.reversed()) {
            Processes.run(
                    Helm4.ROOT, Map.of("KUBECONFIG", plane.kubeconfig().toString()), List.of("bash", "-c", command));
        }

        // Then
        plane.awaitReady(rendered.workload("collector"));
    }

    private List<String> events() {
        return plane.api()
                .get("/api/v1/namespaces/" + namespace + "/events")
                .orThrow()
                .path("items")
                .valueStream()
                .map(event -> event.path("message").asString(""))
                .toList();
    }
}
