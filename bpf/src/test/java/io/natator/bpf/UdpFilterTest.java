package io.natator.bpf;

import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV6;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.ConnectionFilter.AddressBlock;
import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.bpf.traffic.DatagramProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that excluded flows are counted and not reported, and that a filter does not change how others are reported.
 */
@ParameterizedClass
@EnumSource(UdpHooks.class)
class UdpFilterTest extends UdpFixture {
    private static final int QUESTIONS = 20;
    /**
     * Number of counted datagrams if both ends are counted. Each question and each answer counts twice: as sent and as
     * received.
     */
    private static final long AT_BOTH_ENDS = 4L * QUESTIONS;

    private static final long AT_ONE_END = 2L * QUESTIONS;

    /** The server's IPv6 socket, which also receives IPv4 datagrams. */
    private int both;

    private int bothPort;

    UdpFilterTest(UdpHooks hooks) {
        super(hooks);
    }

    @BeforeEach
    void serve() {
        server.serve(listening);
        both = server.socket(false);
        bothPort = server.bind(both, "::");
        server.serve(both);
    }

    /** Returns a filter that includes only the network namespaces of this test; tests add further rules. */
    private ConnectionFilter filter() {
        return options().filter();
    }

    private UdpTracker open(ConnectionFilter filter) {
        return UdpTrackers.open(options().withFilter(filter));
    }

    private static List<SocketRecord> flows(UdpTracker tracker) {
        return UdpTrackers.latest(tracker, namespaces);
    }

    private int askIpv4() {
        int socket = client.socket(true);
        client.ask(socket, SERVER_IPV4, port, QUESTIONS, 100);
        return socket;
    }

    private int askIpv6() {
        int socket = client.socket(false);
        client.ask(socket, SERVER_IPV6, bothPort, QUESTIONS, 100);
        return socket;
    }

    private void assertOnly(List<SocketRecord> flows, int serverSocket, int clientSocket) {
        assertThat(flows).hasSize(2);
        UdpTrackers.assertSum(flows, clientNamespace, client.counters(clientSocket));
        UdpTrackers.assertSum(flows, serverNamespace, server.counters(serverSocket));
    }

    private static AddressBlock block(String address, int prefixLength) throws IOException {
        return new AddressBlock(InetAddress.getByName(address), prefixLength);
    }

    @Test
    void excludesLoopback() {
        try (UdpTracker tracker = open(filter().withLoopback(false))) {
            // When
            int socket = server.socket(true);
            server.ask(socket, "127.0.0.1", port, QUESTIONS, 100);
            int other = askIpv4();

            // Then
            List<SocketRecord> flows = flows(tracker);
            assertThat(flows)
                    .hasSize(2)
                    .noneMatch(flow -> flow.connection().remote().address().isLoopbackAddress());
            UdpTrackers.assertSum(flows, clientNamespace, client.counters(other));
            assertThat(tracker.statistics().count(KernelStatistic.EXCLUDED)).isEqualTo(AT_BOTH_ENDS);
        }
    }

    @Test
    void excludesAServersPort() {
        try (UdpTracker tracker = open(filter().withServerPorts(Selection.without(Set.of(bothPort))))) {
            // When
            askIpv6();
            int reported = askIpv4();

            // Then
            assertOnly(flows(tracker), listening, reported);
            assertThat(tracker.statistics().count(KernelStatistic.EXCLUDED)).isEqualTo(AT_BOTH_ENDS);
        }
    }

    @Test
    void reportsOnlyAServersPort() {
        try (UdpTracker tracker = open(filter().withServerPorts(Selection.only(Set.of(bothPort))))) {
            // When
            askIpv4();
            int reported = askIpv6();

            // Then
            assertOnly(flows(tracker), both, reported);
            assertThat(tracker.statistics().count(KernelStatistic.EXCLUDED)).isEqualTo(AT_BOTH_ENDS);
        }
    }

    @Test
    void excludesNetworksOfEitherEnd() throws IOException {
        try (UdpTracker tracker = open(filter().withNetworks(Selection.without(Set.of(block(SERVER_IPV4, 24)))))) {
            // When
            askIpv4();
            int mapped = client.socket(false);
            client.ask(mapped, "::ffff:" + SERVER_IPV4, port, QUESTIONS, 100);
            int reported = askIpv6();

            // Then
            assertOnly(flows(tracker), both, reported);
            assertThat(tracker.statistics().count(KernelStatistic.EXCLUDED)).isEqualTo(2 * AT_BOTH_ENDS);
        }
    }

    @Test
    void smallestNetworkApplies() throws IOException {
        ConnectionFilter smallest = filter().withNetworks(new Selection<>(
                Set.of(block("10.77.0.0", 16)), Set.of(block("10.0.0.0", 8), block("fd77:2::", 32))));
        try (UdpTracker tracker = open(smallest)) {
            // When
            askIpv6();
            int reported = askIpv4();

            // Then
            assertOnly(flows(tracker), listening, reported);
        }
    }

    @Test
    void selectsByNetworkNamespace() {
        try (UdpTracker tracker =
                open(ConnectionFilter.everything().withNetworkNamespaces(Selection.only(Set.of(serverNamespace))))) {
            // When
            askIpv4();

            // Then
            List<SocketRecord> flows = flows(tracker);
            assertThat(flows)
                    .singleElement()
                    .satisfies(flow ->
                            assertThat(flow.connection().networkNamespace()).isEqualTo(serverNamespace));
            UdpTrackers.assertSum(flows, serverNamespace, server.counters(listening));
            assertThat(tracker.statistics().count(KernelStatistic.EXCLUDED)).isGreaterThanOrEqualTo(AT_ONE_END);
        }
    }

    @Test
    void selectsByCgroupAndAllBelowIt() throws Exception {
        try (TestCgroup pod = new TestCgroup();
                DatagramProcess inside = network.startDatagrams(network.client(), "inside")) {
            // Given: a socket's cgroup is the cgroup that its process was in when the socket was created
            int before = inside.socket(true);
            pod.add(inside.pid());
            int after = inside.socket(true);

            for (boolean without : List.of(true, false)) {
                Selection<Long> cgroups =
                        without ? Selection.without(Set.of(pod.id())) : Selection.only(Set.of(pod.id()));
                try (UdpTracker tracker = open(filter().withCgroups(cgroups))) {
                    // When
                    inside.ask(before, SERVER_IPV4, port, QUESTIONS, 100);
                    inside.ask(after, SERVER_IPV4, port, QUESTIONS, 100);

                    // Then
                    int reported = inside.localPort(without ? before : after);
                    int excluded = inside.localPort(without ? after : before);
                    assertThat(flows(tracker))
                            .filteredOn(flow -> flow.connection().networkNamespace() == clientNamespace)
                            .singleElement()
                            .satisfies(flow -> {
                                assertThat(flow.connection().local().port()).isEqualTo(reported);
                                assertThat(flow.connection().local().address().getHostAddress())
                                        .isEqualTo(CLIENT_IPV4);
                                assertThat(flow.counters().segmentsSent()).isEqualTo(QUESTIONS);
                                assertThat(flow.counters().segmentsReceived()).isEqualTo(QUESTIONS);
                            });
                    // The server's process is in another cgroup.
                    assertThat(flows(tracker))
                            .filteredOn(flow -> flow.connection().networkNamespace() == serverNamespace)
                            .extracting(record -> record.connection().remote().port())
                            .containsExactlyInAnyOrder(without ? new Integer[] {reported, excluded} : new Integer[] {});
                    assertThat(tracker.statistics().count(KernelStatistic.EXCLUDED))
                            .isEqualTo(without ? AT_ONE_END : 3 * AT_ONE_END);
                }
            }
        }
    }
}
