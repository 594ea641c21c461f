package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.UpgradeCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that Helm 3 installs, upgrades and removes the chart. {@link Helm4LifecycleTest} also tests a rollback. */
@ExtendWith(ControlPlane.Extension.class)
class Helm3LifecycleTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String NAMESPACE = "helm-three";

    private static ControlPlane plane;

    @BeforeAll
    static void start(ControlPlane started) {
        plane = started;
        plane.createNamespace(NAMESPACE, Map.of());
        plane.createVolumes(2, "", "ReadWriteOnce");
        plane.createVolumes(6, "fast", "ReadWriteOncePod");
        plane.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: existing, namespace: %s}}"
                .formatted(NAMESPACE));
    }

    @AfterAll
    static void remove() {
        if (plane != null) {
            plane.deleteNamespace(NAMESPACE);
        }
    }

    @Test
    void installsUpgradesAndRemoves() {
        // Given
        Set<String> before = plane.api().everything();

        // When
        Chart.helm()
                .install()
                .withName("natator")
                .withNamespace(NAMESPACE)
                .withKubeConfig(plane.kubeconfig())
                .withValuesFile(values("minimal.yaml"))
                .waitReady()
                .withTimeout(180)
                .call();
        allAreReady("minimal.yaml");
        upgradesTo("scram.yaml");
        upgradesTo("http.yaml");
        // This upgrade fails, as values.yaml documents at topology.persistence. The failure does not affect the next
        // upgrade.
        assertThatThrownBy(() -> upgrade("http.yaml")
                        .set("topology.persistence.size", "20Gi")
                        .call())
                .hasMessageContaining("updates to statefulset spec");
        upgradesTo("everything.yaml");
        upgradesTo("bare.yaml");
        Helm.uninstall("natator")
                .withNamespace(NAMESPACE)
                .withKubeConfig(plane.kubeconfig())
                .call();

        // Then
        await("nothing is left but the claims").atMost(PATIENCE).untilAsserted(() -> {
            Set<String> left = new TreeSet<>(plane.api().everything());
            left.removeAll(before);
            assertThat(left)
                    .allMatch(object ->
                            object.matches("persistentvolumeclaims " + NAMESPACE + "/state-natator.*-topology-\\d"))
                    .hasSize(8);
        });
    }

    private static void upgradesTo(String valuesFile) {
        upgrade(valuesFile).call();
        allAreReady(valuesFile);
    }

    private static UpgradeCommand upgrade(String valuesFile) {
        return Chart.helm()
                .upgrade()
                .withName("natator")
                .withNamespace(NAMESPACE)
                .withKubeConfig(plane.kubeconfig())
                .resetValues()
                .withValuesFile(values(valuesFile));
    }

    private static void allAreReady(String valuesFile) {
        new Rendered(Chart.objects(Chart.manifest(values(valuesFile), NAMESPACE)))
                .workloads()
                .forEach(plane::awaitReady);
    }

    private static Path values(String valuesFile) {
        return Chart.VALUES.resolve(valuesFile);
    }
}
