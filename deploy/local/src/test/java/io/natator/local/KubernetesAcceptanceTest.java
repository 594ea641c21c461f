package io.natator.local;

import static io.natator.local.LinkAssertions.totalsOf;
import static io.natator.local.PodSandboxes.ipv4;
import static io.natator.local.PodSandboxes.ipv6;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.Protocol;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestCluster.Component;
import io.natator.testcluster.TestClusterExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the whole pipeline in a cluster with a real control plane. The pods' sandboxes are network namespaces and
 * cgroups of this machine, with the pods' addresses. The traffic between pods is real and goes through Services by NAT.
 */
@ExtendWith(TestClusterExtension.class)
class KubernetesAcceptanceTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MAX_BYTES = 100_000;
    private static final long SEED = 20_260_902;
    private static final String NAMESPACE = "shop";
    private static final String CLIENT_NODE = "node-a";
    private static final String SERVER_NODE = "node-b";

    /**
     * The router's address, which the server sees as the client's address. The router acts as the node of the client's
     * pod.
     */
    private static final String CLIENT_NODE_ADDRESS = "10.77.2.1";

    private static final String SERVER_NODE_ADDRESS = "192.168.77.2";
    private static final int SERVICE_PORT = 80;

    @TempDir
    private static Path directory;

    private static TestCluster cluster;
    private static Workloads workloads;
    private static LocalPipeline pipeline;
    private static LinkAssertions links;

    private PodSandboxes sandboxes;
    private TestNetwork network;

    @BeforeAll
    static void startPipeline(TestCluster shared) {
        cluster = shared;
        workloads = new Workloads(cluster, NAMESPACE);
        workloads.addNode(CLIENT_NODE, "zone-1", HostName.ofKernel(), CLIENT_NODE_ADDRESS);
        workloads.addNode(SERVER_NODE, "zone-2", "somewhere-else", SERVER_NODE_ADDRESS);
        pipeline = LocalPipeline.start(
                LocalConfigs.onFreePorts(
                        "--kafka-port=0", "--data-directory=" + directory, "--kubeconfig=" + cluster.kubeconfig()),
                line -> {});
        var reader = new PipelineReader(pipeline.httpPort(), pipeline.bootstrapServers());
        links = new LinkAssertions(reader, NAMESPACE);
        await("data is flowing")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(reader.get("/readyz").statusCode()).isEqualTo(200));
    }

    @AfterAll
    static void stopPipeline() {
        pipeline.close();
        workloads.close();
    }

    @BeforeEach
    void makeNetwork() {
        sandboxes = new PodSandboxes();
        network = sandboxes.network();
    }

    @AfterEach
    void removeNetwork() {
        sandboxes.close();
        workloads.removeAll();
    }

    @Test
    void trafficThroughAServiceIsOneLinkBetweenWorkloads() {
        // Given
        TrafficPeer frontend = sandboxes.startClient(workloads.run("frontend", CLIENT_NODE));
        Pod backendPod = workloads.run("backend", SERVER_NODE);
        TrafficPeer backend = sandboxes.startServer(backendPod);
        int port = backend.listen("::", false);
        int directPort = backend.listen(ipv6(backendPod), false);
        Service service = workloads.expose("backend", "backend-api", SERVICE_PORT, port);
        sandboxes.forward(service, backendPod);

        // When
        frontend.connect(ipv4(service), SERVICE_PORT, true, 0, 200, 4, SEED, MAX_BYTES);
        frontend.connect(ipv6(service), SERVICE_PORT, false, 1_000, 200, 4, SEED + 1, MAX_BYTES);
        frontend.connect(ipv6(backendPod), directPort, false, 2_000, 200, 4, SEED + 10, MAX_BYTES);

        // Then
        TrafficTotals dialled = totalsOf(frontend, SERVICE_PORT);
        TrafficTotals direct = totalsOf(frontend, directPort);
        assertThat(TrafficTotals.ofServers(backend.results())).isEqualTo(dialled.plus(direct));
        links.assertLink("frontend", "backend", port, "shop/backend-api:" + SERVICE_PORT, dialled);
        links.assertLink("frontend", "backend", directPort, "", direct);
        links.assertNoOther(port, dialled);
        links.assertNoOther(directPort, direct);
    }

    @Test
    void trafficThroughANodePortIsALinkToTheBackend() {
        // Given
        TrafficPeer visitor = sandboxes.startClient(workloads.run("visitor", CLIENT_NODE));
        Pod shopfrontPod = workloads.run("shopfront", SERVER_NODE);
        TrafficPeer shopfront = sandboxes.startServer(shopfrontPod);
        int port = shopfront.listen(ipv4(shopfrontPod), true);
        Service service = workloads.exposeOnNodes("shopfront", "shopfront", SERVICE_PORT, port);
        int nodePort = service.getSpec().getPorts().getFirst().getNodePort();
        links.awaitIdentity(IdentityKeys.ofNodePort(Protocol.TCP, nodePort));
        sandboxes.forwardNodePort(CLIENT_NODE_ADDRESS, service, shopfrontPod);

        // When
        visitor.connect(CLIENT_NODE_ADDRESS, nodePort, true, 0, 50, 4, SEED + 9, MAX_BYTES);

        // Then
        TrafficTotals totals = totalsOf(visitor, nodePort);
        assertThat(TrafficTotals.ofServers(shopfront.results())).isEqualTo(totals);
        links.assertLink("visitor", "shopfront", port, "shop/shopfront:" + nodePort, totals);
        links.assertNoOther(port, totals);
        links.assertNoOther(nodePort, TrafficTotals.NONE);
    }

    @Test
    void reusedAddressIsNamedAsOfTheTimeOfEachConnection() {
        // Given
        TrafficPeer shopper = sandboxes.startClient(workloads.run("shopper", CLIENT_NODE));
        Pod first = workloads.run("old-cart", SERVER_NODE);
        TrafficPeer old = sandboxes.startServer(first);
        int oldPort = old.listen(ipv4(first), true);
        shopper.connect(ipv4(first), oldPort, true, 0, 100, 4, SEED + 2, MAX_BYTES);

        // When
        old.close();
        workloads.remove("old-cart");
        Pod second = workloads.runAt("new-cart", SERVER_NODE, ipv4(first), ipv6(first));
        TrafficPeer successor = sandboxes.startServer(second);
        int newPort = successor.listen(ipv4(first), true);
        shopper.connect(ipv4(first), newPort, true, 1_000, 100, 4, SEED + 3, MAX_BYTES);

        // Then
        TrafficTotals before = totalsOf(shopper, oldPort);
        TrafficTotals after = totalsOf(shopper, newPort);
        links.assertLink("shopper", "old-cart", oldPort, "", before);
        links.assertLink("shopper", "new-cart", newPort, "", after);
        links.assertNoOther(oldPort, before);
        links.assertNoOther(newPort, after);
    }

    @Test
    void podWhoseAddressIsReportedAfterItsTrafficIsStillNamed() {
        // Given
        String ipv4 = "10.244.200.7";
        String ipv6 = "fd00:244:0:200::7";
        TrafficPeer early = sandboxes.startClient(workloads.run("early", CLIENT_NODE));
        network.assign(network.server(), ipv4, ipv6);
        TrafficPeer late = network.start(network.server(), "app");
        int port = late.listen(ipv4, true);
        // While kwok is paused, the test reports the status of pods to the API, as a kubelet does. Other pods cannot
        // start in that time.
        cluster.pause(Component.KWOK);
        try {
            Pod pod = workloads.begin("late", SERVER_NODE);
            early.connect(ipv4, port, true, 0, 50, 4, SEED + 4, MAX_BYTES);

            // When
            workloads.report(pod, ipv4, ipv6);
        } finally {
            cluster.resume(Component.KWOK);
        }

        // Then
        TrafficTotals totals = totalsOf(early, port);
        links.assertLink("early", "late", port, "", totals);
        links.assertNoOther(port, totals);
    }

    @Test
    void demoShowsDeploymentsAndTheServiceBetweenThem() throws Exception {
        // Given
        try (var api = new LinksClient(pipeline.httpPort(), pipeline.collectorHttpPort());
                var demo = new Demo(cluster, directory.resolve("demo.log"))) {
            // When, Then
            await("the demo's link")
                    .atMost(PATIENCE)
                    .conditionEvaluationListener(demo::printIfLate)
                    .untilAsserted(() -> assertThat(api.links())
                            .filteredOn(link -> link.via().startsWith("demo/cart-api:"))
                            .singleElement()
                            .satisfies(link -> {
                                assertThat(link.client()).isEqualTo("demo/web");
                                assertThat(link.server()).isEqualTo("demo/cart");
                                assertThat(link.counters().bytesToClient()).isPositive();
                            }));
        }
        assertThat(Path.of("/run/netns").toFile().list()).noneMatch(name -> name.startsWith("natator-demo"));
    }

    @Test
    void onTheHostNetworkPodsAreNamedAsPodsAndOtherProcessesAsTheNode() {
        // Given
        String configHash = "00112233445566778899aabbccddeeff";
        Pod storePod = workloads.run("store", SERVER_NODE);
        TrafficPeer store = sandboxes.startServer(storePod);
        TrafficPeer agent = sandboxes.startOnHostNetwork(workloads.runOnHostNetwork("agent", CLIENT_NODE));
        TrafficPeer proxy = sandboxes.start(network.router(), configHash);
        TrafficPeer kubelet = network.start(network.router(), "kubelet");
        int port = store.listen(ipv4(storePod), true);
        int agentPort = agent.listen(CLIENT_NODE_ADDRESS, true);

        // When
        agent.connect(ipv4(storePod), port, true, 0, 20, 4, SEED + 5, MAX_BYTES);
        proxy.connect(ipv4(storePod), port, true, 1_000, 20, 4, SEED + 6, MAX_BYTES);
        kubelet.connect(ipv4(storePod), port, true, 2_000, 20, 4, SEED + 7, MAX_BYTES);
        store.connect(CLIENT_NODE_ADDRESS, agentPort, true, 3_000, 20, 4, SEED + 8, MAX_BYTES);
        workloads.addMirrorPod("proxy-node-a", configHash, CLIENT_NODE);

        // Then
        links.assertLink("agent", "store", port, "", totalsOf(agent, port));
        links.assertScraped(
                Map.of("client_name", "proxy-node-a", "client_kind", "Pod", "client_zone", "zone-1"),
                port,
                totalsOf(proxy, port));
        links.assertScraped(
                Map.of("client_name", CLIENT_NODE, "client_kind", "node", "client_namespace", "node"),
                port,
                totalsOf(kubelet, port));
        links.assertScraped(
                Map.of("client_name", "store", "server_name", "agent", "server_kind", "Deployment"),
                agentPort,
                totalsOf(store, agentPort));
        links.assertNoOther(
                port, totalsOf(agent, port).plus(totalsOf(proxy, port)).plus(totalsOf(kubelet, port)));
        links.assertNoOther(agentPort, totalsOf(store, agentPort));
    }
}
