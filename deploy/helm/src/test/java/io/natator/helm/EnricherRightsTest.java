package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.marcnuri.helm.Helm;
import io.natator.http.FreePort;
import io.natator.local.EmbeddedKafka;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Runs the enricher as in a pod of an installed release, with its service account's token and the rights that the chart
 * grants. Tests that these rights are sufficient, and that the enricher uses each of them.
 */
@ExtendWith(ControlPlane.Extension.class)
class EnricherRightsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String NAMESPACE = "enricher-rights";
    private static final String ACCOUNT = "natator-enricher";

    /** The kinds of controllers that the enricher looks up, by API version. */
    private static final Map<String, List<String>> CONTROLLERS = Map.of(
            "v1", List.of("ReplicationController"),
            "apps/v1", List.of("ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"),
            "batch/v1", List.of("Job", "CronJob"));

    @TempDir
    static Path folder;

    private static ControlPlane plane;
    private static EmbeddedKafka kafka;
    private static PodProcess enricher;
    private static int port;

    @BeforeAll
    static void start(ControlPlane started) throws IOException {
        plane = started;
        kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
        plane.createNamespace(NAMESPACE, Map.of());
        Chart.helm()
                .install()
                .withName("natator")
                .withNamespace(NAMESPACE)
                .withKubeConfig(plane.kubeconfig())
                .set("kafka.bootstrapServers", kafka.bootstrapServers())
                .set("kafka.partitions", 2)
                .call();
        enricher = startEnricher();
    }

    /** Starts the enricher with the arguments and settings of the installed Deployment. */
    private static PodProcess startEnricher() throws IOException {
        port = FreePort.find();
        JsonNode container = Rendered.container(plane.api()
                .get("/apis/apps/v1/namespaces/" + NAMESPACE + "/deployments/natator-enricher")
                .orThrow());
        List<String> arguments = new ArrayList<>(
                container.path("args").valueStream().map(JsonNode::asString).toList());
        arguments.add("--http-address=127.0.0.1");
        arguments.add("--http-port=" + port);
        String settings = container.findValue("configMapRef").path("name").asString();
        Map<String, String> variables = Rendered.strings(plane.api()
                .get("/api/v1/namespaces/" + NAMESPACE + "/configmaps/" + settings)
                .orThrow()
                .path("data"));
        URI server = URI.create(plane.cluster().server());
        variables.put("KUBERNETES_SERVICE_HOST", server.getHost());
        variables.put("KUBERNETES_SERVICE_PORT", String.valueOf(server.getPort()));
        return PodProcess.start(
                account(), variables, "io.natator.enricher.EnricherMain", arguments, folder.resolve("enricher.log"));
    }

    /** Writes the files of the service account that a kubelet mounts into a pod. */
    private static Path account() throws IOException {
        Path account = Files.createDirectories(folder.resolve("account"));
        JsonNode token = plane.api()
                .create(
                        "/api/v1/namespaces/" + NAMESPACE + "/serviceaccounts/" + ACCOUNT + "/token",
                        "{\"spec\": {\"expirationSeconds\": 3600}}")
                .orThrow();
        Files.writeString(
                account.resolve("token"), token.path("status").path("token").asString());
        Files.copy(plane.cluster().caCertificate(), account.resolve("ca.crt"));
        Files.writeString(account.resolve("namespace"), NAMESPACE);
        return account;
    }

    @AfterAll
    static void stop() throws Exception {
        if (enricher != null) {
            enricher.close();
            Helm.uninstall("natator")
                    .withNamespace(NAMESPACE)
                    .withKubeConfig(plane.kubeconfig())
                    .call();
            plane.deleteNamespace(NAMESPACE);
        }
        if (kafka != null) {
            kafka.close();
        }
    }

    @Test
    void isReadyAsLeaderWithoutARefusedRequest() {
        // When
        await("the enricher is ready")
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> assertThat(get("/readyz").statusCode()).isEqualTo(200));

        // Then
        JsonNode lease = plane.api()
                .get("/apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE + "/leases/natator-enricher")
                .orThrow();
        assertThat(lease.path("spec").path("holderIdentity").asString()).isNotEmpty();
        await("the installed pods are known")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get("/metrics").body())
                        .containsPattern("(?m)^natator_enricher_leader 1.0")
                        .containsPattern("(?m)^natator_enricher_pods [1-9]"));
        assertThat(calls()).noneMatch(call -> call.status() == 401 || call.status() == 403);
    }

    @Test
    void usesEachGrantedRight() {
        // Given
        Set<String> granted = new TreeSet<>(RbacRights.of(plane.api()
                .get("/apis/rbac.authorization.k8s.io/v1/clusterroles/" + NAMESPACE + "-natator-enricher")
                .orThrow()));
        granted.addAll(RbacRights.of(plane.api()
                .get("/apis/rbac.authorization.k8s.io/v1/namespaces/" + NAMESPACE + "/roles/natator-enricher")
                .orThrow()));

        // When
        await("each right is used")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    CONTROLLERS.forEach(
                            (apiVersion, kinds) -> kinds.forEach(kind -> createPodOfAMissing(apiVersion, kind)));
                    // These kinds are watched and never looked up: the verb get is not granted.
                    createPodOfAMissing("v1", "Pod");
                    createPodOfAMissing("v1", "Service");
                    assertThat(used()).containsAll(granted);
                });

        // Then
        assertThat(used()).isEqualTo(granted);
    }

    /**
     * Creates a pod whose controller does not exist, so that the enricher looks the controller up. Kubernetes soon
     * deletes the pod.
     */
    private static void createPodOfAMissing(String apiVersion, String kind) {
        plane.api()
                .create(
                        "/api/v1/namespaces/" + NAMESPACE + "/pods",
                        ControlPlane.json("""
                                {metadata: {generateName: orphan-, ownerReferences: [
                                  {apiVersion: %s, kind: %s, name: unknown, uid: %s, controller: true}]},
                                 spec: {containers: [{name: app, image: app}]}}
                                """.formatted(apiVersion, kind, UUID.randomUUID()))
                                .toString())
                .orThrow();
    }

    private static Set<String> used() {
        return calls().stream()
                .filter(call -> !call.resource().isEmpty())
                .map(call -> call.verb() + " " + call.resource())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<AuditLog.Call> calls() {
        return plane.audit().of(NAMESPACE, ACCOUNT);
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
