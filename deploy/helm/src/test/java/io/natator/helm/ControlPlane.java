package io.natator.helm;

import static org.awaitility.Awaitility.await;

import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real control plane for installations of the chart. It has two nodes, the custom resource definitions of Prometheus
 * Operator and Strimzi, the priority class, the storage class and the namespaces that the values files name, and an
 * audit log. All tests of this module share the control plane, and each test uses different namespaces.
 */
final class ControlPlane implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final TestCluster cluster;
    private final AuditLog audit;
    private final KubernetesApi api;
    private final CommandLineClients clients;
    private final Path folder;
    private final AtomicInteger numbers = new AtomicInteger();

    private ControlPlane() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("natator-chart.");
        audit = AuditLog.in(folder);
        cluster = TestCluster.start(
                audit.flags().stream().map(flag -> "--api-server-flag=" + flag).toArray(String[]::new));
        api = new KubernetesApi(cluster);
        clients = new CommandLineClients(cluster.kubeconfig());
        node("node-a", "zone-1");
        node("node-b", "zone-2");
        CustomResourceDefinitions.all().forEach(this::establish);
        apply("{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000}");
        apply("{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast},"
                + " provisioner: kubernetes.io/no-provisioner}");
        createNamespace("kafka", Map.of());
        createNamespace("monitoring", Map.of());
    }

    private void node(String name, String zone) {
        String capacity = "{pods: '110', cpu: '64', memory: 128Gi}";
        api.create("/api/v1/nodes", json("""
                {metadata: {name: %1$s, labels: {kubernetes.io/hostname: %1$s, kubernetes.io/os: linux,
                  topology.kubernetes.io/zone: %2$s}}, status: {capacity: %3$s, allocatable: %3$s}}
                """.formatted(name, zone, capacity)).toString())
                .orThrow();
    }

    /**
     * Applies the definition of a custom resource and waits until its objects can be listed. Until then, the API server
     * responds 429.
     */
    private void establish(JsonNode definition) {
        apply(definition.toString());
        JsonNode spec = definition.path("spec");
        String path = "/apis/%s/%s/%s"
                .formatted(
                        spec.path("group").asString(),
                        spec.path("versions").path(0).path("name").asString(),
                        spec.path("names").path("plural").asString());
        await(Rendered.name(definition))
                .atMost(PATIENCE)
                .until(() -> api.get(path).status() == 200);
    }

    /** Applies an object, given as YAML. */
    void apply(String yaml) {
        api.apply(json(yaml)).orThrow();
    }

    static JsonNode json(String yaml) {
        return Chart.YAML.readTree(yaml);
    }

    /** Creates a namespace and waits until Kubernetes has created in it the objects that every namespace has. */
    void createNamespace(String name, Map<String, String> labels) {
        apply(JsonMapper.shared()
                .writeValueAsString(Map.of(
                        "apiVersion", "v1", "kind", "Namespace", "metadata", Map.of("name", name, "labels", labels))));
        await("namespace " + name)
                .atMost(PATIENCE)
                .until(() -> api.get("/api/v1/namespaces/" + name + "/serviceaccounts/default")
                                        .status()
                                == 200
                        && api.get("/api/v1/namespaces/" + name + "/configmaps/kube-root-ca.crt")
                                        .status()
                                == 200);
    }

    /**
     * Deletes a namespace that no other test uses. Does not wait until its objects are deleted, which takes seconds.
     */
    void deleteNamespace(String name) {
        api.delete("/api/v1/namespaces/" + name);
    }

    /** Deletes a namespace and waits until it is gone, so that another test can use its name. */
    void removeNamespace(String name) {
        deleteNamespace(name);
        await("namespace " + name + " is gone")
                .atMost(PATIENCE)
                .until(() -> api.get("/api/v1/namespaces/" + name).status() == 404);
    }

    /**
     * Creates volumes for PersistentVolumeClaims, because this cluster has no provisioner.
     *
     * @param storageClass empty for claims without a class
     */
    void createVolumes(int count, String storageClass, String accessMode) {
        for (int i = 0; i < count; i++) {
            apply("""
                    {apiVersion: v1, kind: PersistentVolume, metadata: {name: volume-%d}, spec: {accessModes: [%s],
                      capacity: {storage: 100Gi}, storageClassName: '%s', hostPath: {path: /tmp}}}
                    """.formatted(numbers.incrementAndGet(), accessMode, storageClass));
        }
    }

    KubernetesApi api() {
        return api;
    }

    AuditLog audit() {
        return audit;
    }

    TestCluster cluster() {
        return cluster;
    }

    /** Returns Helm 4 and kubectl, which use the kubeconfig of an administrator. */
    CommandLineClients clients() {
        return clients;
    }

    /** The kubeconfig of an administrator. */
    Path kubeconfig() {
        return cluster.kubeconfig();
    }

    /** Waits until every pod of a workload is ready. */
    void awaitReady(JsonNode workload) {
        await(Rendered.id(workload) + " is ready").atMost(PATIENCE).until(() -> isReady(api.live(workload)));
    }

    private static boolean isReady(JsonNode live) {
        JsonNode status = live.path("status");
        boolean daemonSet = Rendered.kind(live).equals("DaemonSet");
        int wanted = daemonSet
                ? status.path("desiredNumberScheduled").asInt(-1)
                : live.path("spec").path("replicas").asInt(-1);
        return wanted > 0
                && status.path("observedGeneration").asLong(-1)
                        == live.path("metadata").path("generation").asLong()
                && List.of(
                                daemonSet ? "updatedNumberScheduled" : "updatedReplicas",
                                daemonSet ? "numberReady" : "readyReplicas")
                        .stream()
                        .allMatch(field -> status.path(field).asInt(0) == wanted);
    }

    @Override
    public void close() {
        api.close();
        cluster.close();
        try {
            Files.deleteIfExists(audit.file());
            Files.deleteIfExists(audit.policy());
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Passes the control plane to tests as a parameter. The tests are skipped if its programs cannot be built. */
    static final class Extension implements BeforeAllCallback, ParameterResolver {
        private static final ExtensionContext.Namespace SHARED = ExtensionContext.Namespace.create(ControlPlane.class);

        @Override
        public void beforeAll(ExtensionContext context) {
            TestClusterExtension.requireGo();
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == ControlPlane.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(SHARED)
                    .computeIfAbsent(ControlPlane.class, key -> started(), ControlPlane.class);
        }

        private static ControlPlane started() {
            try {
                return new ControlPlane();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
