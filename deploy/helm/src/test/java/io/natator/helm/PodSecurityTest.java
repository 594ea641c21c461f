package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.marcnuri.helm.Helm;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * Tests pod security admission. Without the label that NOTES.txt names, it refuses only the collector's pods. With the
 * label on the namespace, it admits them too.
 */
@ExtendWith(ControlPlane.Extension.class)
class PodSecurityTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String NAMESPACE = "restricted";

    private static ControlPlane plane;

    @BeforeAll
    static void start(ControlPlane started) {
        plane = started;
    }

    @AfterEach
    void remove() {
        Helm.uninstall("natator")
                .withNamespace(NAMESPACE)
                .withKubeConfig(plane.kubeconfig())
                .ignoreNotFound()
                .call();
        plane.deleteNamespace(NAMESPACE);
    }

    @Test
    void commandsOfTheNotesLeadToARunningRelease() throws Exception {
        // Given
        plane.createNamespace(NAMESPACE, Map.of("pod-security.kubernetes.io/enforce", "restricted"));
        plane.createVolumes(2, "", "ReadWriteOnce");
        String notes = Chart.helm()
                .install()
                .withName("natator")
                .withNamespace(NAMESPACE)
                .withKubeConfig(plane.kubeconfig())
                .withValuesFile(Chart.VALUES.resolve("minimal.yaml"))
                .call()
                .getOutput();
        Rendered rendered =
                new Rendered(Chart.objects(Chart.manifest(Chart.VALUES.resolve("minimal.yaml"), NAMESPACE)));
        plane.awaitReady(rendered.workload("enricher"));
        plane.awaitReady(rendered.workload("topology"));
        await("the collector's pods are refused")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(events())
                        .anyMatch(event -> event.contains("violates PodSecurity \"restricted:latest\"")));
        JsonNode status = plane.api().live(rendered.workload("collector")).path("status");
        assertThat(status.path("desiredNumberScheduled").asInt()).isEqualTo(2);
        assertThat(status.path("currentNumberScheduled").asInt()).isZero();

        // When
        List<String> commands = notes.lines()
                .map(line -> line.replaceFirst(".*?kubectl ", "kubectl "))
                .filter(line -> line.startsWith("kubectl ") && !line.contains(" port-forward "))
                .sorted(Comparator.reverseOrder()) // 'kubectl label' first: the pods need the label
                .toList();
        for (String command : commands) {
            plane.clients().run(command);
        }

        // Then
        plane.awaitReady(rendered.workload("collector"));
    }

    private List<String> events() {
        return plane.api()
                .get("/api/v1/namespaces/" + NAMESPACE + "/events")
                .orThrow()
                .path("items")
                .valueStream()
                .map(event -> event.path("message").asString(""))
                .toList();
    }
}
