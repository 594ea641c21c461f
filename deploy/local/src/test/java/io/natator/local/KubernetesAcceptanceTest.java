package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole pipeline in a cluster: namespaces and cgroups of this machine are its pods, real traffic between them goes
 * through a Service by NAT, and an API describes them.
 */
class KubernetesAcceptanceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAX_BYTES = 100_000;
    private static final long SEED = 20_260_902;
    private static final String CLIENT_NODE = "node-a";
    private static final String SERVER_NODE = "node-b";

    /** The router's, seen from the server: it is the host of the client's pod. */
    private static final String CLIENT_NODE_ADDRESS = "10.77.2.1";

    @TempDir
    private static Path directory;

    private static TestCluster cluster;
    private static LocalPipeline pipeline;
    private static PipelineReader reader;

    private final List<Pod> pods = new ArrayList<>();
    private TestNetwork network;
    private PodCgroups cgroups;

    @BeforeAll
    static void startPipeline() throws IOException {
        cluster = new TestCluster();
        cluster.addNode(CLIENT_NODE, "zone-1", HostName.ofKernel(), CLIENT_NODE_ADDRESS);
        cluster.addNode(SERVER_NODE, "zone-2", "somewhere-else", "192.168.77.2");
        pipeline = LocalPipeline.start(
                new LocalConfig(null, 0, directory, "natator.", 0, 0, 0, true, cluster.kubeconfig(directory), true),
                line -> {});
        reader = new PipelineReader(pipeline.httpPort(), pipeline.bootstrapServers());
        await("the pipeline moves")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(reader.get("/readyz").statusCode()).isEqualTo(200));
    }

    @AfterAll
    static void stopPipeline() {
        pipeline.close();
        cluster.close();
    }

    @BeforeEach
    void makeNetwork() {
        network = TestNetwork.create();
        cgroups = new PodCgroups();
    }

    @AfterEach
    void removeNetwork() {
        pods.forEach(cluster::removePod);
        network.close();
        cgroups.close();
    }

    /** A process in a container of the pod. */
    private TrafficPeer startIn(String namespace, Pod pod) {
        return startIn(namespace, pod.getMetadata().getUid());
    }

    private TrafficPeer startIn(String namespace, String podUid) {
        TrafficPeer peer = network.start(namespace, "app");
        cgroups.enter(podUid, peer.pid());
        return peer;
    }

    private Pod describeClient(String deployment) {
        return remembered(cluster.addPodOf(deployment, CLIENT_NODE, TestNetwork.CLIENT_IPV4, TestNetwork.CLIENT_IPV6));
    }

    private Pod describeServer(String deployment) {
        return remembered(cluster.addPodOf(deployment, SERVER_NODE, TestNetwork.SERVER_IPV4, TestNetwork.SERVER_IPV6));
    }

    private Pod remembered(Pod pod) {
        pods.add(pod);
        return pod;
    }

    @Test
    void trafficThroughAServiceIsOneLinkBetweenWorkloads() {
        // Given
        String service = "10.96.77.20";
        cluster.addService("backend-api", service);
        TrafficPeer frontend = startIn(network.client(), describeClient("frontend"));
        TrafficPeer backend = startIn(network.server(), describeServer("backend"));
        int port4 = backend.listen(TestNetwork.SERVER_IPV4, true);
        int port6 = backend.listen(TestNetwork.SERVER_IPV6, false);
        network.translate(service, port4);

        // When
        frontend.connect(service, port4, true, 0, 200, 4, SEED, MAX_BYTES);
        frontend.connect(TestNetwork.SERVER_IPV6, port6, false, 1_000, 200, 4, SEED + 1, MAX_BYTES);

        // Then
        LinkSums dialled = sums(frontend, port4);
        LinkSums direct = sums(frontend, port6);
        assertThat(LinkSums.ofServers(backend.results())).isEqualTo(dialled.plus(direct));
        assertLink("frontend", "backend", port4, "shop/backend-api", dialled);
        assertLink("frontend", "backend", port6, "", direct);
        assertNoOther(port4, dialled);
    }

    @Test
    void trafficThroughAPortOfANodeIsALinkToWhatAnswersBehindIt() {
        // Given
        int nodePort = 30_081;
        cluster.addNodePortService("shopfront", "10.96.77.21", "TCP", nodePort);
        TrafficPeer visitor = startIn(network.client(), describeClient("visitor"));
        TrafficPeer shopfront = startIn(network.server(), describeServer("shopfront"));
        int port = shopfront.listen(TestNetwork.SERVER_IPV4, true);
        network.translate(CLIENT_NODE_ADDRESS, nodePort, port);

        // When
        visitor.connect(CLIENT_NODE_ADDRESS, nodePort, true, 0, 50, 4, SEED + 9, MAX_BYTES);

        // Then
        LinkSums sums = sums(visitor, nodePort);
        assertThat(LinkSums.ofServers(shopfront.results())).isEqualTo(sums);
        assertLink("visitor", "shopfront", port, "shop/shopfront", sums);
        assertNoOther(port, sums);
        assertNoOther(nodePort, LinkSums.NONE);
    }

    @Test
    void addressThatChangesHandsIsNamedAsOfTheTimeOfEachConnection() {
        // Given
        TrafficPeer shopper = startIn(network.client(), describeClient("shopper"));
        Pod first = describeServer("old-cart");
        TrafficPeer old = startIn(network.server(), first);
        int oldPort = old.listen(TestNetwork.SERVER_IPV4, true);
        shopper.connect(TestNetwork.SERVER_IPV4, oldPort, true, 0, 100, 4, SEED + 2, MAX_BYTES);

        // When
        old.close();
        cluster.removePod(first);
        pods.remove(first);
        TrafficPeer successor = startIn(network.server(), describeServer("new-cart"));
        int newPort = successor.listen(TestNetwork.SERVER_IPV4, true);
        shopper.connect(TestNetwork.SERVER_IPV4, newPort, true, 1_000, 100, 4, SEED + 3, MAX_BYTES);

        // Then
        LinkSums before = sums(shopper, oldPort);
        LinkSums after = sums(shopper, newPort);
        assertLink("shopper", "old-cart", oldPort, "", before);
        assertLink("shopper", "new-cart", newPort, "", after);
        assertNoOther(oldPort, before);
        assertNoOther(newPort, after);
    }

    @Test
    void podThatIsDescribedAfterItsTrafficIsStillNamed() {
        // Given a server of which no more than its address is known
        TrafficPeer early = startIn(network.client(), describeClient("early"));
        TrafficPeer late = network.start(network.server(), "app");
        int port = late.listen(TestNetwork.SERVER_IPV4, true);
        early.connect(TestNetwork.SERVER_IPV4, port, true, 0, 50, 4, SEED + 4, MAX_BYTES);

        // When
        describeServer("late");

        // Then
        LinkSums sums = sums(early, port);
        assertLink("early", "late", port, "", sums);
        assertNoOther(port, sums);
    }

    @Test
    void onTheHostsNetworkPodsAreThemselvesAndOtherProcessesTheNode() {
        // Given
        String configHash = "00112233445566778899aabbccddeeff";
        TrafficPeer store = startIn(network.server(), describeServer("store"));
        TrafficPeer agent = startIn(
                network.router(), remembered(cluster.addHostNetworkPodOf("agent", CLIENT_NODE, CLIENT_NODE_ADDRESS)));
        TrafficPeer proxy = startIn(network.router(), configHash);
        TrafficPeer kubelet = network.start(network.router(), "kubelet");
        int port = store.listen(TestNetwork.SERVER_IPV4, true);
        int agentPort = agent.listen(CLIENT_NODE_ADDRESS, true);

        // When
        agent.connect(TestNetwork.SERVER_IPV4, port, true, 0, 20, 4, SEED + 5, MAX_BYTES);
        proxy.connect(TestNetwork.SERVER_IPV4, port, true, 1_000, 20, 4, SEED + 6, MAX_BYTES);
        kubelet.connect(TestNetwork.SERVER_IPV4, port, true, 2_000, 20, 4, SEED + 7, MAX_BYTES);
        store.connect(CLIENT_NODE_ADDRESS, agentPort, true, 3_000, 20, 4, SEED + 8, MAX_BYTES);
        remembered(cluster.addStaticPod("proxy-node-a", configHash, CLIENT_NODE, CLIENT_NODE_ADDRESS));

        // Then
        assertLink("agent", "store", port, "", sums(agent, port));
        assertScraped(
                Map.of("client_name", "proxy-node-a", "client_kind", "Pod", "client_zone", "zone-1"),
                port,
                sums(proxy, port));
        assertScraped(
                Map.of("client_name", CLIENT_NODE, "client_kind", "node", "client_namespace", "node"),
                port,
                sums(kubelet, port));
        assertScraped(
                Map.of("client_name", "store", "server_name", "agent", "server_kind", "Deployment"),
                agentPort,
                sums(store, agentPort));
        assertNoOther(port, sums(agent, port).plus(sums(proxy, port)).plus(sums(kubelet, port)));
        assertNoOther(agentPort, sums(store, agentPort));
    }

    private static LinkSums sums(TrafficPeer client, int port) {
        return LinkSums.ofClients(client.results().stream()
                .filter(result -> result.remotePort() == port)
                .toList());
    }

    private static Map<String, String> between(String client, String server, int port, String via) {
        Map<String, String> labels = new HashMap<>();
        labels.putAll(workload("client", client, "zone-1"));
        labels.putAll(workload("server", server, "zone-2"));
        labels.put("server_port", Integer.toString(port));
        labels.put("via", via);
        return labels;
    }

    private static Map<String, String> workload(String side, String name, String zone) {
        return Map.of(
                side + "_name",
                name,
                side + "_namespace",
                TestCluster.NAMESPACE,
                side + "_kind",
                "Deployment",
                side + "_zone",
                zone);
    }

    private static void assertLink(String client, String server, int port, String via, LinkSums expected) {
        await("link " + client + " to " + server + " in /metrics")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reader.scraped(between(client, server, port, via)))
                        .isEqualTo(expected));
        await("link " + client + " to " + server + " in the topic")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> assertThat(reader.consumed(client, server, port)).isEqualTo(expected));
    }

    private static void assertScraped(Map<String, String> labels, int port, LinkSums expected) {
        Map<String, String> link = new HashMap<>(labels);
        link.put("server_port", Integer.toString(port));
        await(labels + " in /metrics")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reader.scraped(link)).isEqualTo(expected));
    }

    /** What is on the link is all there is to this port: nothing was given another name. */
    private static void assertNoOther(int port, LinkSums all) {
        assertThat(reader.scraped(Map.of("server_port", Integer.toString(port))))
                .isEqualTo(all);
    }
}
