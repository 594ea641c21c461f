package io.natator.bpf;

import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.DatagramProcess;
import io.natator.bpf.traffic.TestNetwork;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests which datagrams are counted: rows of a table in README.md. */
@ParameterizedClass
@EnumSource(UdpHooks.class)
class UdpDatagramsTest extends UdpFixture {
    private static final String PORT_RANGE = "net.ipv4.ip_local_port_range";
    private static final String USUAL_RANGE = "32768 60999";

    UdpDatagramsTest(UdpHooks hooks) {
        super(hooks);
    }

    private static SocketRecord only(List<SocketRecord> flows, long namespace) {
        List<SocketRecord> end = flows.stream()
                .filter(flow -> flow.connection().networkNamespace() == namespace)
                .toList();
        assertThat(end).hasSize(1);
        return end.getFirst();
    }

    private static void assertSent(SocketRecord flow, long datagrams, long bytes) {
        assertThat(flow.counters().segmentsSent()).isEqualTo(datagrams);
        assertThat(flow.counters().bytesSent()).isEqualTo(bytes);
    }

    private static void assertReceived(SocketRecord flow, long datagrams, long bytes) {
        assertThat(flow.counters().segmentsReceived()).isEqualTo(datagrams);
        assertThat(flow.counters().bytesReceived()).isEqualTo(bytes);
    }

    @Test
    void datagramWrittenInPartsCountsOnce() {
        try (UdpTracker tracker = open()) {
            int socket = client.socket(true);

            // When
            client.sendPart(socket, SERVER_IPV4, port, 700);
            client.sendPart(socket, SERVER_IPV4, port, 800);
            client.send(socket, SERVER_IPV4, port, 900);
            server.receive(listening, 10_000);

            // Then
            List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
            assertSent(only(flows, clientNamespace), 1, 2_400);
            assertReceived(only(flows, serverNamespace), 1, 2_400);
        }
    }

    @Test
    void countsEveryDatagramThatTheKernelHandlesAsOne() {
        try (UdpTracker tracker = open()) {
            server.receiveTogether(listening);
            int socket = client.socket(true);

            // When
            client.sendSegments(socket, SERVER_IPV4, port, 5_500, 1_000);
            for (int read = 0; read < 5_500; ) {
                read += server.receive(listening, 10_000);
            }

            // Then
            List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
            assertSent(only(flows, clientNamespace), 6, 5_500);
            assertReceived(only(flows, serverNamespace), 6, 5_500);
        }
    }

    @Test
    void peekDoesNotCountADatagramAndAShortReadCountsItWhole() {
        try (UdpTracker tracker = open()) {
            int socket = client.socket(true);

            // When
            client.send(socket, SERVER_IPV4, port, 1_000);
            client.send(socket, SERVER_IPV4, port, 0);
            server.peek(listening);
            server.receive(listening, 10);
            server.peek(listening);
            server.receive(listening, 10);

            // Then
            assertReceived(only(UdpTrackers.latest(tracker, namespaces), serverNamespace), 2, 1_000);
        }
    }

    @Test
    void datagramsThatTheMachineRefusesAreNotSent() {
        try (UdpTracker tracker = open()) {
            int socket = client.socket(true);
            client.send(socket, SERVER_IPV4, port, 100);

            // When
            network.refuseDatagrams(network.client(), port);
            String reason = client.sendFailing(socket, SERVER_IPV4, port, 200);

            // Then
            assertThat(reason).isEqualTo("EPERM");
            assertSent(only(UdpTrackers.latest(tracker, namespaces), clientNamespace), 1, 100);
        }
    }

    @Test
    void unreadDatagramsCountOnlyWithCgroupHooks() {
        try (UdpTracker tracker = open()) {
            int socket = client.socket(true);

            // When
            client.send(socket, SERVER_IPV4, port, 100);
            client.send(socket, SERVER_IPV4, port, 200);
            server.receive(listening, 1_000);
            server.peek(listening);

            // Then
            SocketRecord flow = only(UdpTrackers.latest(tracker, namespaces), serverNamespace);
            switch (hooks) {
                case FUNCTIONS -> assertReceived(flow, 1, 100);
                case CGROUP -> assertReceived(flow, 2, 300);
            }
        }
    }

    @Test
    void chosenPortIsTheServersInAnyOrderOfDatagrams() {
        try (UdpTracker tracker = open()) {
            int chosen = server.socket(true);
            server.bind(chosen, SERVER_IPV4, 514);
            int socket = client.socket(true);
            int given = client.bindToAny(socket, CLIENT_IPV4);

            // When
            server.send(chosen, CLIENT_IPV4, given, 100);
            client.receive(socket, 1_000);

            // Then
            List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
            assertThat(only(flows, serverNamespace).connection().role()).isEqualTo(Role.SERVER);
            assertThat(only(flows, clientNamespace).connection().role()).isEqualTo(Role.CLIENT);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "above the range, 10000 20000, 28000",
        "in the usual range but below this one, 50000 60000, 40000",
        "below the range, 20000 30000, 8125",
    })
    void rangeOfTheNamespaceDecidesWhichPortIsEphemeral(String where, String range, int chosenPort) {
        network.parameter(network.client(), PORT_RANGE, range);
        network.parameter(network.server(), PORT_RANGE, range);
        try (UdpTracker tracker = open()) {
            // Given
            int chosen = server.socket(true);
            server.bind(chosen, SERVER_IPV4, chosenPort);
            int socket = client.socket(true);
            int given = client.bindToAny(socket, CLIENT_IPV4);

            // When
            server.send(chosen, CLIENT_IPV4, given, 100);
            client.receive(socket, 1_000);

            // Then
            List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
            assertThat(only(flows, serverNamespace).connection().role()).isEqualTo(Role.SERVER);
            assertThat(only(flows, clientNamespace).connection().role()).isEqualTo(Role.CLIENT);
        } finally {
            network.parameter(network.client(), PORT_RANGE, USUAL_RANGE);
            network.parameter(network.server(), PORT_RANGE, USUAL_RANGE);
        }
    }

    @Test
    void withTwoEphemeralPortsTheFirstSenderIsTheClient() {
        network.parameter(network.client(), PORT_RANGE, "1024 65000");
        try (UdpTracker tracker = open()) {
            // Given
            int serving = server.socket(true);
            server.bind(serving, SERVER_IPV4, 40_000);
            int socket = client.socket(true);
            client.bind(socket, CLIENT_IPV4, 20_000);

            // When
            client.send(socket, SERVER_IPV4, 40_000, 100);
            server.receive(serving, 1_000);

            // Then
            assertThat(only(UdpTrackers.latest(tracker, namespaces), clientNamespace)
                            .connection()
                            .role())
                    .isEqualTo(Role.CLIENT);
        } finally {
            network.parameter(network.client(), PORT_RANGE, USUAL_RANGE);
        }
    }

    @Test
    void withTwoChosenPortsTheFirstSenderIsTheClient() {
        try (UdpTracker tracker = open()) {
            int chosen = server.socket(true);
            server.bind(chosen, SERVER_IPV4, 7946);
            int socket = client.socket(true);
            client.bind(socket, CLIENT_IPV4, 7946);

            // When
            client.send(socket, SERVER_IPV4, 7946, 100);
            server.receive(chosen, 1_000);
            server.send(chosen, CLIENT_IPV4, 7946, 100);
            client.receive(socket, 1_000);

            // Then
            List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
            assertThat(only(flows, serverNamespace).connection().role()).isEqualTo(Role.SERVER);
            assertThat(only(flows, clientNamespace).connection().role()).isEqualTo(Role.CLIENT);
        }
    }

    @Test
    void broadcastIsAFlowToItsAddressAndEachReceiverHasItsOwn() throws Exception {
        try (UdpTracker tracker = open();
                DatagramProcess router = network.startDatagrams(network.router(), "udp-router")) {
            int receiving = router.socket(true);
            router.bind(receiving, "0.0.0.0", 9_999);
            int second = router.socket(true);
            router.bind(second, "0.0.0.0", 9_999);
            int socket = client.socket(true);

            // When
            client.send(socket, "10.77.1.255", 9_999, 100);
            router.receive(receiving, 1_000);
            router.receive(second, 1_000);

            // Then
            long routerNamespace = TestNetwork.inode(network.router());
            List<SocketRecord> flows = UdpTrackers.latest(tracker, Set.of(clientNamespace, routerNamespace));
            assertThat(only(flows, clientNamespace).connection().remote().address())
                    .isEqualTo(InetAddress.getByName("10.77.1.255"));
            assertThat(flows)
                    .filteredOn(flow -> flow.connection().networkNamespace() == routerNamespace)
                    .hasSize(2)
                    .allSatisfy(flow -> {
                        assertThat(flow.connection().local().address()).isEqualTo(InetAddress.getByName("10.77.1.255"));
                        assertReceived(flow, 1, 100);
                    });
        }
    }
}
