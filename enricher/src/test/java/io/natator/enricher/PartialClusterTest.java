package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.deployment;
import static io.natator.enricher.KubernetesObjects.pod;
import static io.natator.enricher.KubernetesObjects.replicaSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests kinds that cannot be read: other kinds are unaffected, and the kind is used as soon as it can be read. */
class PartialClusterTest extends EnricherTest {
    private ReplicaSet replicaSetOfADeployment() {
        Deployment deployment = create(deployment("web"));
        return create(replicaSet("web-1", deployment));
    }

    private void fail(String path, String failure) {
        if (failure.startsWith("{") || failure.startsWith("<")) {
            api.respond(path, failure);
        } else {
            api.respond(path, Integer.parseInt(failure));
        }
    }

    private static void awaitReadiness(EnricherApp app, String start) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(app, "/readyz")).startsWith(start));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/v1/replicationcontrollers  | ReplicationController | 500",
                "/api/v1/nodes                   | Node                  | 400",
                "/apis/apps/v1/statefulsets      | StatefulSet           | <html>",
                "/apis/batch/v1/jobs             | Job                   | {\"items\":[{\"metadata\":",
                "/api/v1/services                | Service               | 401",
                "/apis/batch/v1/cronjobs         | CronJob               | 429",
            })
    void kindThatCannotBeListedAffectsNoOther(String path, String kind, String failure) throws Exception {
        // Given
        create(pod("web-1-x", replicaSetOfADeployment(), "10.0.0.1"));
        fail(path, failure);

        // When
        EnricherApp app = start(config());

        // Then
        awaitTable(table -> assertThat(table.workload("10.0.0.1")).isEqualTo("Deployment shop/web"));
        String plural = path.substring(path.lastIndexOf('/') + 1);
        awaitReadiness(app, "503 " + plural);
        assertThat(get(app, "/metrics"))
                .contains("natator_enricher_kind_listed{kind=\"" + kind + "\"} 0.0")
                .contains("natator_enricher_kind_listed{kind=\"Pod\"} 1.0");

        // When
        api.respondNormally(path);

        // Then
        awaitReady(app);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(app, "/metrics"))
                        .contains("natator_enricher_kind_listed{kind=\"" + kind + "\"} 1.0")
                        .contains("natator_enricher_kind_watched{kind=\"" + kind + "\"} 1.0"));
    }

    @Test
    void podsWhoseControllersCannotBeListedAreNamedByLookUps() throws Exception {
        // Given
        create(pod("web-1-x", replicaSetOfADeployment(), "10.0.0.1"));
        fail("/apis/apps/v1/replicasets", "500");
        fail("/apis/apps/v1/deployments", "500");

        // When
        EnricherApp app = start(config());

        // Then
        awaitTable(table -> assertThat(table.workload("10.0.0.1")).isEqualTo("Deployment shop/web"));
        awaitReadiness(app, "503 replicasets.apps not listed yet");
    }

    @Test
    void podIsNamedByItsReplicaSetUntilDeploymentsCanBeRead() throws Exception {
        // Given
        ReplicaSet replicaSet = replicaSetOfADeployment();
        create(pod("web-1-x", replicaSet, "10.0.0.1"));
        api.refuse("replicasets");
        api.refuseGets("replicasets");
        api.refuse("deployments");
        api.refuseGets("deployments");

        // When
        EnricherApp app = start(config());

        // Then
        awaitReadiness(app, "200 ready, but may not list replicasets.apps, deployments.apps");
        awaitTable(table -> assertThat(table.workload("10.0.0.1")).isEqualTo("ReplicaSet shop/web-1"));

        // When
        api.allow("replicasets");
        api.allow("deployments");

        // Then
        awaitTable(table -> assertThat(table.workload("10.0.0.1")).isEqualTo("Deployment shop/web"));
        awaitReadiness(app, "200 ready");
    }

    @Test
    void standbyIsReadyOnlyIfItCanListEachKind() throws Exception {
        // Given
        EnricherConfig elected =
                config().withElection(new EnricherConfig.Election(Optional.of(true), Optional.empty(), "enricher"));
        awaitReady(start(elected));
        fail("/apis/batch/v1/jobs", "{\"items\":17");

        // When
        EnricherApp standby = start(elected);

        // Then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(standby, "/readyz"))
                        .startsWith("503 standing by for ")
                        .contains("and could not take over: jobs.batch not listed yet"));
        assertThat(get(standby, "/metrics")).contains("natator_enricher_kind_listed{kind=\"Job\"} 0.0");

        // When
        api.refuse("cronjobs");
        api.respondNormally("/apis/batch/v1/jobs");

        // Then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(standby, "/readyz"))
                        .startsWith("200 standing by for ")
                        .endsWith(", but may not list cronjobs.batch"));
    }

    @Test
    void standbyWithoutTheRightToListPodsIsNotReady() throws Exception {
        // Given
        EnricherConfig elected =
                config().withElection(new EnricherConfig.Election(Optional.of(true), Optional.empty(), "enricher"));
        awaitReady(start(elected));
        api.refuse("pods");

        // When
        EnricherApp standby = start(elected);

        // Then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(standby, "/readyz"))
                        .startsWith("503 standing by for ")
                        .contains("pods may not be listed"));
    }

    @Test
    void candidateReportsThatItMayNotReadTheLease() throws Exception {
        // Given
        api.respond("/apis/coordination.k8s.io/v1/namespaces/natator/leases/enricher", 403);

        // When
        try (var lines = new LogLines()) {
            EnricherApp app = start(config().withElection(
                            new EnricherConfig.Election(Optional.of(true), Optional.empty(), "enricher")));

            // Then
            awaitReadiness(app, "503 waiting for the leader election: no answer to /apis/coordination.k8s.io");
            assertThat(lines.warnings())
                    .singleElement()
                    .asString()
                    .contains("Cannot read or write the Lease", "get, create and patch", "natator/enricher");

            // When
            api.respondNormally("/apis/coordination.k8s.io/v1/namespaces/natator/leases/enricher");

            // Then
            awaitReady(app);
        }
    }
}
