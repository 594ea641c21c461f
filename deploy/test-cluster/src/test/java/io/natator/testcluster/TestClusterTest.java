package io.natator.testcluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.natator.testcluster.TestCluster.Component;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TestClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static TestCluster cluster;
    private KubernetesRequests requests;

    @BeforeAll
    static void start() {
        TestClusterExtension.requireGo();
        cluster = TestCluster.start();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** Each test has its own client, because a killed API server ends all connections. */
    @BeforeEach
    void connect() {
        requests = new KubernetesRequests(cluster);
    }

    @AfterEach
    void disconnect() {
        requests.close();
    }

    @Test
    void podsOfADeploymentRunOnANodeWithAddressesOfItsRange() {
        // Given
        requests.create("/api/v1/nodes", """
                {"metadata": {"name": "node-a"}, "status": {"capacity": {"pods": "10", "cpu": "1", "memory": "1Gi"},
                 "allocatable": {"pods": "10", "cpu": "1", "memory": "1Gi"}}}""");

        // When
        requests.create("/apis/apps/v1/namespaces/default/deployments", """
                {"metadata": {"name": "web"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
                 "template": {"metadata": {"labels": {"app": "web"}},
                  "spec": {"containers": [{"name": "web", "image": "web"}]}}}}""");

        // Then
        await("two pods that are ready")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(requests.get("/apis/apps/v1/namespaces/default/deployments/web"))
                        .contains("\"readyReplicas\":2"));
        assertThat(requests.get("/api/v1/namespaces/default/pods"))
                .contains("\"podIP\":\"10.244.0.")
                .contains("\"nodeName\":\"node-a\"");
    }

    @Test
    void refusesUsersWithoutRights() {
        assertThatThrownBy(() -> requests.getAs("system:serviceaccount:default:default", "/api/v1/nodes"))
                .hasMessageContaining("403");
    }

    @Test
    void restartedApiServerHasTheSameObjects() {
        // Given
        requests.create("/api/v1/namespaces", "{\"metadata\": {\"name\": \"stored\"}}");

        // When
        cluster.kill(Component.KUBE_APISERVER);
        cluster.restart(Component.KUBE_APISERVER);

        // Then
        disconnect();
        connect();
        assertThat(requests.get("/api/v1/namespaces/stored")).contains("\"name\":\"stored\"");
    }

    @Test
    void versionsBeforeACompactionExpire() {
        // Given
        requests.create("/api/v1/namespaces/default/configmaps", "{\"metadata\": {\"name\": \"newer\"}}");

        // When
        cluster.expireVersions();

        // Then
        disconnect();
        connect();
        assertThat(requests.watch("/api/v1/namespaces/default/secrets?watch=true&resourceVersion=1"))
                .contains("\"type\":\"ERROR\"")
                .contains("\"code\":410");
    }

    /** Tests that the cluster restarts a controller that has ended, as a kubelet does in a real control plane. */
    @Test
    void controllerThatEndsIsStartedAgain() {
        // Given
        ProcessHandle scheduler = scheduler().orElseThrow();

        // When
        scheduler.destroyForcibly();

        // Then
        await("another process of the scheduler")
                .atMost(PATIENCE)
                .until(() -> scheduler()
                        .filter(other -> other.pid() != scheduler.pid())
                        .isPresent());
    }

    private static Optional<ProcessHandle> scheduler() {
        return ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info().commandLine().orElse("").contains(" kube-scheduler "))
                .findFirst();
    }

    @Test
    void kubeconfigContainsAClientCertificate() throws IOException {
        assertThat(Files.readString(cluster.kubeconfig()))
                .contains("server: " + cluster.server())
                .contains("client-certificate-data: ")
                .contains("client-key-data: ");
    }

    @Test
    void failedCommandReportsItsReason() {
        assertThatThrownBy(() -> cluster.restart(Component.ETCD)).hasMessageContaining("etcd is running already");
    }

    @Test
    void takenPortIsReportedInOneLineBeforeAnythingStarts() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            Process up = new ProcessBuilder(TestCluster.script("up").toString(), "--port=" + port).start();

            assertThat(new String(up.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).lines())
                    .singleElement()
                    .satisfies(line -> assertThat(line).startsWith("natator: cannot use --port " + port));
            assertThat(up.waitFor()).isEqualTo(1);
        }
    }

    @Test
    void kubectlKnowsItsVersion() throws Exception {
        Process build = new ProcessBuilder(TestCluster.script("build").toString(), "kubectl")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String kubectl = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

        Process version = new ProcessBuilder(kubectl, "version", "--client").start();

        assertThat(new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .containsPattern("Client Version: v1\\.[1-9]");
    }
}
