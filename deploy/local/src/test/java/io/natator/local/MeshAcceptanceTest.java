package io.natator.local;

import static io.natator.local.LinkAssertions.totalsOf;
import static io.natator.local.MeshRules.INBOUND_PORT;
import static io.natator.local.MeshRules.NODE_PROXY_PORT;
import static io.natator.local.MeshRules.OUTBOUND_PORT;
import static io.natator.local.MeshRules.SIDECAR;
import static io.natator.local.MeshRules.SIDECAR_SOURCE;
import static io.natator.local.MeshRules.TUNNEL_PORT;
import static io.natator.local.MeshRules.ZTUNNEL_MARK;
import static io.natator.local.PodSandboxes.ipv4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.natator.bpf.libbpf.BpfLink;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.libbpf.BpfSpec;
import io.natator.bpf.traffic.ProxyProcess;
import io.natator.bpf.traffic.ProxyProcess.Listener;
import io.natator.bpf.traffic.ProxyProcess.Upstream;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests which links the connections of service meshes become. Sidecars and node proxies are processes of this test; what
 * passes connections to them is the real kernel, with the rules that the meshes set. Each test accounts for every byte
 * of every hop: it is in exactly one link, or in the metric of bytes within a pod.
 */
@ExtendWith(TestClusterExtension.class)
class MeshAcceptanceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String NAMESPACE = "mesh";
    private static final String CLIENT_NODE = "mesh-a";
    private static final String SERVER_NODE = "mesh-b";
    private static final int SERVICE_PORT = 80;
    private static final int CONNECTIONS = 40;
    private static final int MAX_BYTES = 100_000;
    private static final long SEED = 20_261_201;

    @TempDir
    private static Path directory;

    private static Workloads workloads;
    private static LocalPipeline pipeline;
    private static PipelineReader reader;

    private PodSandboxes sandboxes;
    private TestNetwork network;
    private MeshRules rules;
    private long withinPodBefore;

    @BeforeAll
    static void startPipeline(TestCluster cluster) {
        workloads = new Workloads(cluster, NAMESPACE);
        workloads.addNode(CLIENT_NODE, "zone-1", HostName.ofKernel(), "192.168.78.1");
        workloads.addNode(SERVER_NODE, "zone-2", "somewhere-else", "192.168.78.2");
        pipeline = LocalPipeline.start(
                LocalConfigs.onFreePorts(
                        "--kafka-port=0",
                        "--data-directory=" + directory,
                        "--kubeconfig=" + cluster.kubeconfig(),
                        // The collector's default.
                        "--no-loopback"),
                line -> {});
        reader = PipelineReader.ofRunning(pipeline);
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
        rules = new MeshRules(network);
        withinPodBefore = withinPodBytes();
    }

    @AfterEach
    void removeNetwork() {
        sandboxes.close();
    }

    /** Istio's and Linkerd's sidecars, which forward a connection to the address that the application dialled. */
    @Test
    void connectionThroughSidecarsIsOneLinkWithThePortOfTheApplication() {
        // Given
        Applications apps = start("cart", "stock");
        int port = apps.port();
        Service service = workloads.expose("stock", "stock", SERVICE_PORT, port);
        sandboxes.forward(service, apps.serverPod());
        sidecar(network.client(), apps.clientPod()).serve(new Listener(OUTBOUND_PORT), redirected(Upstream.ANY));
        sidecar(network.server(), apps.serverPod()).serve(new Listener(INBOUND_PORT), redirected(SIDECAR_SOURCE));
        rules.redirectOutbound(network.client());
        rules.redirectInbound(network.server());
        rules.redirectOutbound(network.server());

        // When
        apps.client().connectOrderly(ipv4(service), SERVICE_PORT, true, 0, CONNECTIONS, 4, SEED, MAX_BYTES);

        // Then
        TrafficTotals totals = totalsOf(apps.client(), SERVICE_PORT);
        assertLinks(
                Set.of("cart", "stock"),
                Map.of("cart -> stock:" + port + " via mesh/stock:" + SERVICE_PORT, totals),
                2 * bytes(totals));
    }

    /** Istio's sidecars, which choose a pod behind the Service themselves. The Service that was dialled is then unknown. */
    @Test
    void connectionThroughSidecarsThatChooseThePodIsOneLinkWithoutAService() {
        // Given
        Applications apps = start("basket", "depot");
        int port = apps.port();
        Service service = workloads.expose("depot", "depot", SERVICE_PORT, port);
        sidecar(network.client(), apps.clientPod())
                .serve(new Listener(OUTBOUND_PORT), new Upstream(ipv4(apps.serverPod()), port, Upstream.ANY));
        sidecar(network.server(), apps.serverPod()).serve(new Listener(INBOUND_PORT), redirected(SIDECAR_SOURCE));
        rules.redirectOutbound(network.client());
        rules.redirectInbound(network.server());
        rules.redirectOutbound(network.server());

        // When
        apps.client().connectOrderly(ipv4(service), SERVICE_PORT, true, 0, CONNECTIONS, 4, SEED + 1, MAX_BYTES);

        // Then
        TrafficTotals totals = totalsOf(apps.client(), SERVICE_PORT);
        assertLinks(Set.of("basket", "depot"), Map.of("basket -> depot:" + port, totals), 2 * bytes(totals));
    }

    /** Istio's interception mode TPROXY, in which the sidecar connects to the application with the client's address. */
    @Test
    void connectionThroughTransparentSidecarIsOneLink() {
        // Given
        Applications apps = start("order", "price");
        int port = apps.port();
        Service service = workloads.expose("price", "price", SERVICE_PORT, port);
        sandboxes.forward(service, apps.serverPod());
        sidecar(network.client(), apps.clientPod()).serve(new Listener(OUTBOUND_PORT), redirected(Upstream.ANY));
        ProxyProcess inbound = sandboxes.startProxy(network.server(), apps.serverPod(), "envoy");
        inbound.become(0, SIDECAR);
        inbound.serve(new Listener(INBOUND_PORT), new Upstream(Upstream.LOCAL, 0, Upstream.CLIENT).marked(SIDECAR));
        rules.redirectOutbound(network.client());
        rules.passInbound(network.server());
        rules.redirectOutbound(network.server());

        // When
        apps.client().connectOrderly(ipv4(service), SERVICE_PORT, true, 0, CONNECTIONS, 4, SEED + 2, MAX_BYTES);

        // Then
        TrafficTotals totals = totalsOf(apps.client(), SERVICE_PORT);
        assertLinks(
                Set.of("order", "price"),
                Map.of("order -> price:" + port + " via mesh/price:" + SERVICE_PORT, totals),
                2 * bytes(totals));
    }

    /**
     * Istio's ambient mode: the ztunnels of two nodes, which are pods themselves, have sockets in the namespaces of the
     * pods that they serve. The tunnel between them adds bytes.
     */
    @Test
    void connectionThroughTunnelsOfNodesIsOneLinkForEachHop() {
        // Given
        int tunnelHeader = 100;
        Applications apps = start("visitor", "shopfront");
        int port = apps.port();
        Service service = workloads.expose("shopfront", "shopfront", SERVICE_PORT, port);
        sandboxes
                .startProxy(network.router(), workloads.run("ztunnel-a", CLIENT_NODE), "ztunnel")
                .serve(
                        new Listener(network.client(), OUTBOUND_PORT),
                        new Upstream(ipv4(apps.serverPod()), TUNNEL_PORT, Upstream.ANY)
                                .in(network.client())
                                .marked(ZTUNNEL_MARK)
                                .withPreamble(tunnelHeader));
        sandboxes
                .startProxy(network.router(), workloads.run("ztunnel-b", SERVER_NODE), "ztunnel")
                .serve(
                        new Listener(network.server(), TUNNEL_PORT),
                        new Upstream(ipv4(apps.serverPod()), port, Upstream.CLIENT)
                                .in(network.server())
                                .marked(ZTUNNEL_MARK)
                                .withPreamble(-tunnelHeader));
        rules.redirectToZtunnel(network.client());
        rules.redirectToZtunnel(network.server());

        // When
        apps.client().connectOrderly(ipv4(service), SERVICE_PORT, true, 0, CONNECTIONS, 4, SEED + 3, MAX_BYTES);

        // Then
        TrafficTotals totals = totalsOf(apps.client(), SERVICE_PORT);
        assertLinks(
                Set.of("visitor", "shopfront", "ztunnel-a", "ztunnel-b"),
                Map.of(
                        "visitor -> ztunnel-a:" + OUTBOUND_PORT + " via mesh/shopfront:" + SERVICE_PORT,
                        totals,
                        "ztunnel-a -> ztunnel-b:" + TUNNEL_PORT,
                        totals.plus(new TrafficTotals((long) CONNECTIONS * tunnelHeader, 0, 0)),
                        "ztunnel-b -> shopfront:" + port,
                        totals),
                0);
    }

    /**
     * Cilium's Envoy, a pod in the node's namespace: it accepts connections at the address of the Service, and connects to
     * a pod with the client's address.
     */
    @Test
    void connectionThroughTransparentProxyOfTheNodeIsOneLinkForEachHop() {
        // Given
        Applications apps = start("web", "api");
        int port = apps.port();
        Service service = workloads.expose("api", "api", SERVICE_PORT, port);
        sandboxes
                .startProxy(network.router(), workloads.runOnHostNetwork("node-envoy", CLIENT_NODE), "envoy")
                .serve(new Listener(NODE_PROXY_PORT), new Upstream(ipv4(apps.serverPod()), port, Upstream.CLIENT));
        rules.passToNodeProxy(ipv4(service), SERVICE_PORT);

        // When
        apps.client().connectOrderly(ipv4(service), SERVICE_PORT, true, 0, CONNECTIONS, 4, SEED + 4, MAX_BYTES);

        // Then
        TrafficTotals totals = totalsOf(apps.client(), SERVICE_PORT);
        assertLinks(
                Set.of("web", "api", "node-envoy"),
                Map.of(
                        "web -> node-envoy:" + SERVICE_PORT + " via mesh/api:" + SERVICE_PORT,
                        totals,
                        "node-envoy -> api:" + port,
                        totals),
                0);
    }

    /** A transparent proxy that is a systemd service of the node, and has both the server's and the client's address. */
    @Test
    void connectionThroughTransparentProxyOutsidePodsIsOneLinkForEachHop() {
        // Given
        Applications apps = start("shop", "bank");
        int port = apps.port();
        sandboxes
                .startProxyService("envoy")
                .serve(new Listener(NODE_PROXY_PORT), new Upstream(Upstream.LOCAL, 0, Upstream.CLIENT));
        rules.passToNodeProxy(ipv4(apps.serverPod()), port);

        // When
        apps.client().connectOrderly(ipv4(apps.serverPod()), port, true, 0, CONNECTIONS, 4, SEED + 5, MAX_BYTES);

        // Then
        TrafficTotals totals = totalsOf(apps.client(), port);
        assertLinks(
                Set.of("shop", "bank"),
                Map.of("shop -> " + CLIENT_NODE + ":" + port, totals, CLIENT_NODE + " -> bank:" + port, totals),
                0);
    }

    /** Cilium's socket load balancing: the socket never has the address of the Service. */
    @Test
    void connectionWhoseDestinationIsRewrittenAtConnectTimeIsOneLinkWithoutAService() throws IOException {
        // Given
        Applications apps = start("form", "mail");
        int port = apps.port();
        Service service = workloads.expose("mail", "mail", SERVICE_PORT, port);

        // When
        try (BpfObject rewriting = rewriting(service, apps.serverPod(), port);
                BpfLink _ = rewriting.attachToCgroup("rewrite", sandboxes.cgroup(apps.clientPod()))) {
            apps.client().connectOrderly(ipv4(service), SERVICE_PORT, true, 0, CONNECTIONS, 4, SEED + 6, MAX_BYTES);
        }

        // Then
        assertLinks(Set.of("form", "mail"), Map.of("form -> mail:" + port, totalsOf(apps.client(), SERVICE_PORT)), 0);
    }

    /**
     * Two applications in pods.
     *
     * @param client connects
     * @param port the port on which the application in {@code serverPod} listens
     */
    private record Applications(Pod clientPod, Pod serverPod, TrafficPeer client, int port) {}

    /** Starts an application of each Deployment, on different nodes. */
    private Applications start(String client, String server) {
        Pod clientPod = workloads.run(client, CLIENT_NODE);
        Pod serverPod = workloads.run(server, SERVER_NODE);
        TrafficPeer connecting = sandboxes.startClient(clientPod);
        int port = sandboxes.startServer(serverPod).listen(ipv4(serverPod), true);
        return new Applications(clientPod, serverPod, connecting, port);
    }

    private ProxyProcess sidecar(String namespace, Pod pod) {
        ProxyProcess sidecar = sandboxes.startProxy(namespace, pod, "envoy");
        sidecar.become(SIDECAR, SIDECAR);
        return sidecar;
    }

    private static Upstream redirected(String source) {
        return new Upstream(Upstream.REDIRECTED, 0, source);
    }

    private static BpfObject rewriting(Service service, Pod backend, int port) throws IOException {
        try (InputStream program = Objects.requireNonNull(BpfSpec.class.getResourceAsStream("/rewrites.bpf.o"));
                BpfSpec spec = BpfSpec.open("rewrites", program.readAllBytes())) {
            spec.constant("service_address", networkOrder(ipv4(service)));
            spec.constant("service_port", Short.toUnsignedInt(Short.reverseBytes((short) SERVICE_PORT)));
            spec.constant("backend_address", networkOrder(ipv4(backend)));
            spec.constant("backend_port", Short.toUnsignedInt(Short.reverseBytes((short) port)));
            return spec.load();
        }
    }

    private static long networkOrder(String address) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(address).getAddress())
                .order(ByteOrder.nativeOrder())
                .getInt();
    }

    /** Waits until the links of these workloads are exactly the expected ones, and all hops within pods are counted. */
    private void assertLinks(Set<String> workloadNames, Map<String, TrafficTotals> expected, long withinPod) {
        await("links of " + workloadNames).atMost(PATIENCE).untilAsserted(() -> {
            assertThat(linksOf(workloadNames)).isEqualTo(expected);
            assertThat(withinPodBytes() - withinPodBefore).isEqualTo(withinPod);
        });
    }

    private static Map<String, TrafficTotals> linksOf(Set<String> workloadNames) {
        Map<String, TrafficTotals> links = new TreeMap<>();
        for (Exposition.Sample sample : reader.scrape().samples()) {
            Map<String, String> labels = sample.labels();
            if (sample.name().startsWith("natator_link_")
                    && (workloadNames.contains(labels.get("client_name"))
                            || workloadNames.contains(labels.get("server_name")))) {
                links.merge(describe(labels), totals(sample), TrafficTotals::plus);
            }
        }
        return links;
    }

    private static String describe(Map<String, String> labels) {
        String via = labels.getOrDefault("via", "");
        return labels.get("client_name") + " -> " + labels.get("server_name") + ":" + labels.get("server_port")
                + (via.isEmpty() ? "" : " via " + via);
    }

    private static TrafficTotals totals(Exposition.Sample sample) {
        long value = (long) sample.value();
        boolean toServer = "to_server".equals(sample.labels().get("direction"));
        return switch (sample.name()) {
            case "natator_link_bytes_total" -> new TrafficTotals(toServer ? value : 0, toServer ? 0 : value, 0);
            case "natator_link_connections_total" -> new TrafficTotals(0, 0, value);
            default -> TrafficTotals.NONE;
        };
    }

    private static long bytes(TrafficTotals totals) {
        return totals.bytesToServer() + totals.bytesToClient();
    }

    private static long withinPodBytes() {
        return reader.scrape().sum("natator_topology_within_pod_bytes_total", Map.of());
    }
}
