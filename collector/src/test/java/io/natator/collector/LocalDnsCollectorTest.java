package io.natator.collector;

import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV6;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.BpfFileSystem;
import io.natator.bpf.traffic.DatagramProcess;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.collector.owner.CgroupMount;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests NodeLocal DNS with real sockets: a process answers in the network namespace of the host (the router of the test
 * network), at the address of the DNS Service and at a link-local address. The router forwards what is sent to another
 * Service to a pod. The collector runs as a process and reports to a real broker.
 */
class LocalDnsCollectorTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String DNS_SERVICE = "10.96.0.10";
    private static final String LINK_LOCAL = "169.254.20.10";
    private static final String OTHER_SERVICE = "10.96.0.11";
    private static final int DNS = 53;
    private static final int QUESTIONS = 5;

    private static TestBroker broker;

    private final String prefix = "t" + UUID.randomUUID() + ".";
    private final UUID podUid = UUID.randomUUID();
    private TestNetwork network;
    private BpfFileSystem bpf;
    private Path pod;
    private DatagramProcess client;
    private DatagramProcess cache;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    @BeforeEach
    void start() throws Exception {
        network = TestNetwork.create();
        bpf = new BpfFileSystem();
        pod = CgroupMount.find(Path.of("/proc")).orElseThrow().resolve("natator-test-pod" + podUid);
        Files.createDirectory(pod);
        client = network.startDatagrams(network.client(), "resolver");
        cache = network.startDatagrams(network.router(), "node-cache");
        Files.writeString(pod.resolve("cgroup.procs"), Long.toString(cache.pid()));
        for (String address : List.of(DNS_SERVICE, LINK_LOCAL)) {
            network.route(network.router(), "local " + address + " dev lo");
            int socket = cache.socket(true);
            cache.bind(socket, address, DNS);
            cache.serve(socket);
        }
    }

    @AfterEach
    void stop() throws Exception {
        network.close();
        CollectorProcess.run(List.of(), "unload", "--pin-directory", bpf.pins().toString())
                .exitCode();
        bpf.close();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> Files.deleteIfExists(pod));
    }

    private CollectorProcess collector(String udp) {
        return CollectorProcess.start(
                List.of(),
                "--bootstrap-servers=" + broker.bootstrapServers(),
                "--topic-prefix=" + prefix,
                "--partitions=2",
                "--http-address=127.0.0.1",
                "--http-port=0",
                "--snapshot-interval=500ms",
                "--udp=" + udp,
                "--udp-idle=2s",
                "--cgroup-root=" + CgroupMount.find(Path.of("/proc")).orElseThrow(),
                "--pin-directory=" + bpf.pins());
    }

    /** Returns all reports about the client's flows to an address. */
    private List<ConnectionSnapshot> reports(String address) {
        return broker.connections(prefix).stream()
                .map(TestBroker.Received::value)
                .filter(report -> report.getProtocol() == Protocol.UDP && report.getRole() == Role.CLIENT)
                .filter(report -> report.getNetworkNamespace() == TestNetwork.inode(network.client()))
                .filter(report -> report.getRemoteAddress()
                        .equals(ByteBuffer.wrap(InetAddress.ofLiteral(address).getAddress())))
                .toList();
    }

    private void awaitEnds(String address) {
        await().atMost(PATIENCE)
                .until(() -> reports(address).stream()
                                .filter(report -> report.getState() == ConnectionState.CLOSED)
                                .count()
                        == QUESTIONS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cgroup-skb", "auto"})
    void reportsTheServerOfTheSameNode(String hooks) throws Exception {
        // Given a pod that answers behind another Service, and at its own IPv6 address
        DatagramProcess server = network.startDatagrams(network.server(), "coredns");
        int behindService = server.socket(true);
        int port = server.bind(behindService, SERVER_IPV4);
        server.serve(behindService);
        int serving = server.socket(false);
        server.bind(serving, SERVER_IPV6, port);
        server.serve(serving);
        network.translateDatagrams(OTHER_SERVICE, DNS, port);

        try (CollectorProcess collector = collector(hooks)) {
            await().atMost(PATIENCE).until(collector::isReady);
            assumeThat(collector.metric("natator_collector_udp_flows_live")).isNotNaN();

            // When
            for (int question = 0; question < QUESTIONS; question++) {
                int socket = client.socket(true);
                client.ask(socket, DNS_SERVICE, DNS, 1, 100);
                client.ask(socket, LINK_LOCAL, DNS, 2, 100);
                client.ask(socket, OTHER_SERVICE, DNS, 1, 100);
                client.ask(client.socket(false), SERVER_IPV6, port, 1, 100);
            }
            List.of(DNS_SERVICE, LINK_LOCAL, OTHER_SERVICE, SERVER_IPV6).forEach(this::awaitEnds);

            // Then every report names the server, the first one too
            for (String address : List.of(DNS_SERVICE, LINK_LOCAL)) {
                assertThat(reports(address)).allSatisfy(report -> {
                    SocketOwner peer = report.getPeer();
                    assertThat(peer).isNotNull();
                    assertThat(peer.getCommand()).isEqualTo("node-cache");
                    assertThat(peer.getPid()).isEqualTo((int) cache.pid());
                    assertThat(peer.getPodUid()).isEqualTo(podUid.toString());
                });
            }
            assertThat(reports(SERVER_IPV6))
                    .allSatisfy(
                            report -> assertThat(report.getPeer().getCommand()).isEqualTo("coredns"));
            assertThat(reports(OTHER_SERVICE))
                    .allSatisfy(report -> assertThat(report.getPeer()).isNull());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(collector.metric("natator_collector_udp_peers_total"))
                            .isGreaterThanOrEqualTo(3 * QUESTIONS));
        }
    }
}
