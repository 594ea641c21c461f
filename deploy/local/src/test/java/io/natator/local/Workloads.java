package io.natator.local;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestCluster.Component;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Creates the objects of one test in a cluster: nodes, and Deployments and Services in a namespace. The cluster's
 * controllers create the pods, and kwok assigns the addresses. Not thread-safe. {@link #close} removes all objects.
 */
public final class Workloads implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String HOST_NAME_LABEL = "kubernetes.io/hostname";
    private static final String APP_LABEL = "app";

    private final TestCluster cluster;
    private final KubernetesClient client;
    private final String namespace;
    private final List<String> nodes = new ArrayList<>();

    /**
     * Creates the namespace.
     *
     * @param namespace name of the namespace, which must not exist yet
     */
    public Workloads(TestCluster cluster, String namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(cluster.kubeconfig().toFile()))
                .build();
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        // Wait for the service account. Without it, the API server refuses all pods, and the Deployment's controller
        // retries after ever longer pauses.
        await("the namespace's service account")
                .atMost(PATIENCE)
                .until(() -> client.serviceAccounts()
                                .inNamespace(namespace)
                                .withName("default")
                                .get()
                        != null);
    }

    /** Adds a node and waits until pods can run on it. */
    public void addNode(String name, String zone, String hostName, String... addresses) {
        var node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("topology.kubernetes.io/zone", zone)
                .addToLabels(HOST_NAME_LABEL, name)
                .endMetadata()
                .withNewStatus()
                .addNewAddress(hostName, "Hostname");
        for (String address : addresses) {
            node.addNewAddress(address, "InternalIP");
        }
        client.resource(node.endStatus().build()).create();
        nodes.add(name);
        await("node " + name)
                .atMost(PATIENCE)
                .until(() -> isReady(client.nodes().withName(name).get()));
    }

    private static boolean isReady(Node node) {
        // Pods get addresses from the range that the controller manager assigns to the node.
        return node.getSpec().getPodCIDR() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    /** Starts a Deployment of one pod on a node, and waits until the pod runs. */
    public Pod run(String deployment, String node) {
        return run(deployment, node, false);
    }

    /** Starts a Deployment of one pod that uses its node's network, and waits until the pod runs. */
    public Pod runOnHostNetwork(String deployment, String node) {
        return run(deployment, node, true);
    }

    private Pod run(String deployment, String node, boolean hostNetwork) {
        create(deployment, node, hostNetwork);
        await("a pod of " + deployment)
                .atMost(PATIENCE)
                .until(() -> podsOf(deployment).stream().anyMatch(Workloads::isRunning));
        return podsOf(deployment).getFirst();
    }

    /** Like {@link #run(String, String)}, with given addresses. No other pod can start in the meantime. */
    public Pod runAt(String deployment, String node, String... addresses) {
        cluster.pause(Component.KWOK);
        try {
            return report(begin(deployment, node), addresses);
        } finally {
            cluster.resume(Component.KWOK);
        }
    }

    /**
     * Starts a Deployment of one pod on a node, and reports to the API that the pod is starting, as the node's kubelet
     * does. The report contains no address. kwok has to be paused.
     */
    Pod begin(String deployment, String node) {
        create(deployment, node, false);
        await("a pod of " + deployment + " is scheduled")
                .atMost(PATIENCE)
                .until(() -> podsOf(deployment).stream()
                        .anyMatch(pod -> pod.getSpec().getNodeName() != null));
        return client.resource(podsOf(deployment).getFirst())
                .editStatus(old -> new PodBuilder(old)
                        .editStatus()
                        .withStartTime(
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                        .endStatus()
                        .build());
    }

    private void create(String deployment, String node, boolean hostNetwork) {
        Map<String, String> labels = Map.of(APP_LABEL, deployment);
        client.resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withName(deployment)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(1)
                        .withNewSelector()
                        .withMatchLabels(labels)
                        .endSelector()
                        .withTemplate(template(labels, node, hostNetwork))
                        .endSpec()
                        .build())
                .create();
    }

    private static PodTemplateSpec template(Map<String, String> labels, String node, boolean hostNetwork) {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withNodeSelector(Map.of(HOST_NAME_LABEL, node))
                .withHostNetwork(hostNetwork)
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName("app")
                .withImage("app")
                .endContainer()
                .endSpec()
                .build();
    }

    private List<Pod> podsOf(String deployment) {
        return client.pods()
                .inNamespace(namespace)
                .withLabel(APP_LABEL, deployment)
                .list()
                .getItems();
    }

    private static boolean isRunning(Pod pod) {
        return "Running".equals(pod.getStatus().getPhase());
    }

    /**
     * Adds the copy of a static pod to the API, as a kubelet does, and waits until the pod runs. The pod uses its
     * node's network.
     */
    Pod addMirrorPod(String name, String configHash, String node) {
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .addToAnnotations("kubernetes.io/config.hash", configHash)
                        .addToAnnotations("kubernetes.io/config.mirror", configHash)
                        .addToAnnotations("kubernetes.io/config.source", "file")
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node)
                        .withHostNetwork(true)
                        .addNewContainer()
                        .withName("app")
                        .withImage("app")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        var pod = client.pods().inNamespace(namespace).withName(name);
        await("mirror pod " + name).atMost(PATIENCE).until(() -> isRunning(pod.get()));
        return pod.get();
    }

    /** Reports to the API, as a kubelet does, that a pod runs and has these addresses. */
    Pod report(Pod pod, String... addresses) {
        return client.resource(pod)
                .editStatus(old -> new PodBuilder(old)
                        .editStatus()
                        .withPhase("Running")
                        .withPodIP(addresses[0])
                        .withPodIPs(Arrays.stream(addresses).map(PodIP::new).toList())
                        .endStatus()
                        .build());
    }

    /** Adds a Service with an IPv4 and an IPv6 address, which the cluster chooses. */
    public Service expose(String deployment, String service, int port, int targetPort) {
        return client.resource(service(deployment, service, port, targetPort)).create();
    }

    /** Like {@link #expose}, with a node port that the cluster chooses. */
    Service exposeOnNodes(String deployment, String service, int port, int targetPort) {
        return client.resource(new ServiceBuilder(service(deployment, service, port, targetPort))
                        .editSpec()
                        .withType("NodePort")
                        .endSpec()
                        .build())
                .create();
    }

    private Service service(String deployment, String service, int port, int targetPort) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(service)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withSelector(Map.of(APP_LABEL, deployment))
                .withIpFamilyPolicy("RequireDualStack")
                .addNewPort()
                .withPort(port)
                .withNewTargetPort(targetPort)
                .endPort()
                .endSpec()
                .build();
    }

    /** Removes a Deployment and waits until its pods are gone. */
    void remove(String deployment) {
        client.apps().deployments().inNamespace(namespace).withName(deployment).delete();
        await("no pod of " + deployment)
                .atMost(PATIENCE)
                .until(() -> podsOf(deployment).isEmpty());
    }

    /** Removes all Deployments and pods, and waits until they are gone. */
    void removeAll() {
        client.apps().deployments().inNamespace(namespace).delete();
        client.pods().inNamespace(namespace).delete();
        await("no pod in " + namespace)
                .atMost(PATIENCE)
                .until(() ->
                        client.pods().inNamespace(namespace).list().getItems().isEmpty());
    }

    @Override
    public void close() {
        client.namespaces().withName(namespace).delete();
        nodes.forEach(node -> client.nodes().withName(node).delete());
        client.close();
    }
}
