package io.natator.local;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.natator.enricher.ApiServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/** A cluster as its API describes it: a fake of the API server, and what is put into it. */
public final class TestCluster implements AutoCloseable {
    /** Where everything is put. */
    public static final String NAMESPACE = "shop";

    private final ApiServer server;

    /** A cluster that has nothing yet, and answers this machine alone. */
    public TestCluster() {
        this(InetAddress.getLoopbackAddress());
    }

    /** A cluster that has nothing yet, and answers at an address of this machine. */
    public TestCluster(InetAddress address) {
        server = new ApiServer(address);
    }

    /** Writes a kubeconfig that names this cluster. */
    public Path kubeconfig(Path directory) throws IOException {
        return Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: test
                clusters:
                - name: test
                  cluster:
                    server: %s
                users:
                - name: test
                  user: {}
                contexts:
                - name: test
                  context: {cluster: test, user: test}
                """.formatted(server.url()));
    }

    /** Puts a node. */
    public void addNode(String name, String zone, String hostName, String... addresses) {
        var node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("topology.kubernetes.io/zone", zone)
                .endMetadata()
                .withNewStatus()
                .addNewAddress(hostName, "Hostname");
        for (String address : addresses) {
            node.addNewAddress(address, "InternalIP");
        }
        create(node.endStatus().build());
    }

    /** Puts a Service with one address. */
    public void addService(String name, String address) {
        create(new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withClusterIP(address)
                .addToClusterIPs(address)
                .endSpec()
                .build());
    }

    /** Puts a Service that every node opens a port for. */
    void addNodePortService(String name, String address, String protocol, int nodePort) {
        create(new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withType("NodePort")
                .withClusterIP(address)
                .addToClusterIPs(address)
                .addNewPort()
                .withProtocol(protocol)
                .withPort(80)
                .withNodePort(nodePort)
                .endPort()
                .endSpec()
                .build());
    }

    /** Puts a running pod of a Deployment, below a ReplicaSet, as it starts now. */
    public Pod addPodOf(String deployment, String node, String... addresses) {
        return create(withAddresses(pod(deployment + "-5d9f-x", node), addresses)
                .editMetadata()
                .withOwnerReferences(reference(replicaSetOf(deployment)))
                .endMetadata()
                .build());
    }

    /** Puts a pod of a Deployment that uses its node's network. */
    public Pod addHostNetworkPodOf(String deployment, String node, String nodeAddress) {
        return create(withAddresses(pod(deployment + "-5d9f-x", node), nodeAddress)
                .editMetadata()
                .withOwnerReferences(reference(replicaSetOf(deployment)))
                .endMetadata()
                .editSpec()
                .withHostNetwork(true)
                .endSpec()
                .editStatus()
                .withHostIP(nodeAddress)
                .endStatus()
                .build());
    }

    /** Puts the mirror of a static pod on its node's network. */
    Pod addStaticPod(String name, String configHash, String node, String nodeAddress) {
        return create(withAddresses(pod(name, node), nodeAddress)
                .editMetadata()
                .addToAnnotations("kubernetes.io/config.hash", configHash)
                .addToAnnotations("kubernetes.io/config.mirror", configHash)
                .endMetadata()
                .editSpec()
                .withHostNetwork(true)
                .endSpec()
                .editStatus()
                .withHostIP(nodeAddress)
                .endStatus()
                .build());
    }

    private static PodBuilder pod(String name, String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec();
    }

    private static PodBuilder withAddresses(PodBuilder pod, String... addresses) {
        return pod.withNewStatus()
                .withPhase("Running")
                .withStartTime(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .withPodIP(addresses[0])
                .withPodIPs(Arrays.stream(addresses).map(PodIP::new).toList())
                .endStatus();
    }

    private ReplicaSet replicaSetOf(String deployment) {
        HasMetadata top = create(new DeploymentBuilder()
                .withNewMetadata()
                .withName(deployment)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .build());
        return create(new ReplicaSetBuilder()
                .withNewMetadata()
                .withName(deployment + "-5d9f")
                .withNamespace(NAMESPACE)
                .withOwnerReferences(reference(top))
                .endMetadata()
                .build());
    }

    private static OwnerReference reference(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .build();
    }

    void removePod(Pod pod) {
        server.client().resource(pod).withGracePeriod(0).delete();
    }

    private <T extends HasMetadata> T create(T object) {
        return server.client().resource(object).create();
    }

    @Override
    public void close() {
        server.close();
    }
}
