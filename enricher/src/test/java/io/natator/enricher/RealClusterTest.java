package io.natator.enricher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the enricher with a real control plane: names, watches, a killed API server, expired versions. */
@Timeout(300)
@ExtendWith(SharedBroker.class)
class RealClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String NAMESPACE = "shop";
    private static final int PARTITIONS = 2;

    private static TestCluster cluster;
    private static TestBroker broker;
    private static KubernetesClient client;

    private final String prefix = "t" + UUID.randomUUID() + ".";
    private @Nullable EnricherApp running;

    /** Starts a cluster that other tests do not use, because its controllers recover slowly from repeated outages. */
    @BeforeAll
    static void startCluster(TestBroker sharedBroker) {
        TestClusterExtension.requireGo();
        cluster = TestCluster.start();
        broker = sharedBroker;
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(cluster.kubeconfig().toFile()))
                .build();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        client.resource(node()).create();
    }

    @AfterAll
    static void stopCluster() {
        if (client != null) {
            client.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @AfterEach
    void closeApp() {
        if (running != null) {
            running.close();
        }
    }

    private static Node node() {
        Map<String, Quantity> capacity =
                Map.of("pods", new Quantity("100"), "cpu", new Quantity("8"), "memory", new Quantity("8Gi"));
        return new NodeBuilder()
                .withNewMetadata()
                .withName("node-1")
                .addToLabels("topology.kubernetes.io/zone", "eu-a")
                .endMetadata()
                .withNewStatus()
                .withCapacity(capacity)
                .withAllocatable(capacity)
                .endStatus()
                .build();
    }

    private static Deployment deployment(String name) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withReplicas(2)
                .withNewSelector()
                .addToMatchLabels("app", name)
                .endSelector()
                .withTemplate(KubernetesObjects.podTemplate(name))
                .endSpec()
                .build();
    }

    private static List<Pod> podsOf(String deployment) {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel("app", deployment)
                .list()
                .getItems();
    }

    private EnricherApp start() throws IOException {
        EnricherConfig config = EnricherConfig.fromOptions(
                "--bootstrap-servers=" + broker.bootstrapServers(),
                "--topic-prefix=" + prefix,
                "--partitions=" + PARTITIONS,
                "--flush-interval=50ms",
                "--kubeconfig=" + cluster.kubeconfig(),
                "--page-size=3",
                "--no-leader-election",
                "--http-address=127.0.0.1",
                "--http-port=0");
        var started = new EnricherApp(config);
        running = started;
        started.start();
        EnricherTest.awaitReady(started);
        return started;
    }

    /** Waits until this many pods of a Deployment have addresses and are named by the Deployment. */
    private void awaitNamed(String deployment, int pods) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            List<Pod> all = podsOf(deployment);
            assertThat(all).hasSize(pods);
            TestBroker.Table table = broker.table(prefix);
            assertThat(all).allSatisfy(pod -> {
                assertThat(pod.getStatus().getPodIP()).isNotNull();
                assertThat(table.workload(pod.getStatus().getPodIP()))
                        .isEqualTo("Deployment " + NAMESPACE + "/" + deployment);
                assertThat(table.owner(pod.getStatus().getPodIP()))
                        .isEqualTo("Pod " + NAMESPACE + "/" + pod.getMetadata().getName());
            });
        });
    }

    /** Returns, for each kind, the number of lists after the first one. */
    private static List<Double> listsAgain(EnricherApp app) throws Exception {
        List<Double> values = EnricherTest.get(app, "/metrics")
                .lines()
                .filter(line -> line.startsWith("natator_enricher_watch_resets_total{"))
                .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' '))))
                .toList();
        assertThat(values).hasSize(11);
        return values;
    }

    @Test
    void namesPodsByWatchesWithoutFurtherLists() throws Exception {
        // Given
        client.resource(deployment("listed")).create();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(podsOf("listed")).hasSize(2));

        // When
        try (var lines = new LogLines("")) {
            EnricherApp app = start();

            // Then
            awaitNamed("listed", 2);

            // When
            client.resource(deployment("watched")).create();
            awaitNamed("watched", 2);
            client.apps()
                    .deployments()
                    .inNamespace(NAMESPACE)
                    .withName("watched")
                    .scale(3);
            awaitNamed("watched", 3);

            // Then
            assertThat(listsAgain(app)).containsOnly(0.0);
            assertThat(lines.warnings()).isEmpty();
        }
    }

    @Test
    void listsEachKindAtMostOnceAfterVersionsExpired() throws Exception {
        // Given
        EnricherApp app = start();

        // When
        cluster.expireVersions();
        client.resource(deployment("after")).create();

        // Then
        awaitNamed("after", 2);
        assertThat(listsAgain(app)).allMatch(lists -> lists <= 1);
    }

    /**
     * After the restart, the enricher is allowed to list each kind once, because the API server's cache is empty, so
     * that earlier versions can have expired.
     */
    @Test
    void listsEachKindAtMostOnceAfterAKilledApiServer() throws Exception {
        // Given
        EnricherApp app = start();

        // When
        try (var lines = new LogLines("")) {
            cluster.kill(TestCluster.Component.KUBE_APISERVER);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(lines.warnings()).isNotEmpty());
            assertThat(app.isApiServerReachable()).isFalse();
            cluster.restart(TestCluster.Component.KUBE_APISERVER);
            assertThat(app.isApiServerReachable()).isTrue();
            client.resource(deployment("later")).create();

            // Then
            awaitNamed("later", 2);
            assertThat(EnricherTest.get(app, "/readyz")).isEqualTo("200 ready");
            assertThat(lines.warnings()).allMatch(line -> line.startsWith("Cannot reach the API server"));
            assertThat(lines.stackTraces()).isEmpty();
        }
        assertThat(listsAgain(app)).allMatch(lists -> lists <= 1);
    }

    /** The earliest time that a partition is complete up to; the epoch before every partition says so. */
    private Instant progress() {
        List<Instant> partitions = broker.table(prefix).progress();
        return partitions.size() < PARTITIONS ? Instant.EPOCH : Collections.min(partitions);
    }

    @Test
    void progressFollowsTheClusterAndStopsWithTheApiServer() throws Exception {
        // When
        EnricherApp app = start();
        Instant ready = Instant.now();

        // Then
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(progress()).isAfter(ready));
        assertThat(EnricherTest.get(app, "/metrics"))
                .containsPattern("natator_enricher_complete_timestamp_seconds [1-9]");

        // When
        cluster.pause(TestCluster.Component.KUBE_APISERVER);
        Instant paused = Instant.now();

        // Then
        await().during(Duration.ofSeconds(5))
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(progress()).isBefore(paused));

        // When
        cluster.resume(TestCluster.Component.KUBE_APISERVER);
        Instant resumed = Instant.now();

        // Then
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(progress()).isAfter(resumed));
    }
}
