package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that {@code kubectl apply -k} applies the manifests to a real API server. */
@ExtendWith(ControlPlane.Extension.class)
class KustomizeAppliesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String FOLDER = "deploy/kustomize";

    private static ControlPlane plane;

    @BeforeAll
    static void start(ControlPlane started) {
        plane = started;
        plane.createVolumes(2, "", "ReadWriteOnce");
    }

    @Test
    void applyStrictlyAndAreDeletedCompletely() throws Exception {
        // Given
        Set<String> before = plane.api().everything();
        Rendered built = new Rendered(Chart.objects(plane.clients().run("kubectl kustomize " + FOLDER)));

        // When
        String applied = plane.clients().run("kubectl apply --validate=strict -k " + FOLDER);
        List<KubernetesApi.Response> again =
                built.objects().stream().map(plane.api()::dryRun).toList();
        built.workloads().forEach(plane::awaitReady);
        String removed = plane.clients().run("kubectl delete -k " + FOLDER);

        // Then
        assertThat(applied + removed).doesNotContainIgnoringCase("warn");
        assertThat(again).allSatisfy(answer -> {
            assertThat(answer.status()).as(answer::toString).isEqualTo(200);
            assertThat(answer.warnings()).isEmpty();
        });
        await("nothing is left").atMost(PATIENCE).untilAsserted(() -> {
            Set<String> left = new TreeSet<>(plane.api().everything());
            left.removeAll(before);
            assertThat(left).isEmpty();
        });
    }
}
