package io.natator.bpf;

import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV4;
import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV6;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV6;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.DatagramProcess.Counters;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that the kernel side reports, at both ends of a flow, exactly the datagrams and bytes that the applications
 * counted.
 */
@ParameterizedClass
@EnumSource(UdpHooks.class)
class UdpExactnessTest extends UdpFixture {
    UdpExactnessTest(UdpHooks hooks) {
        super(hooks);
    }

    @ParameterizedTest
    @CsvSource({
        "IPv4, true, 10.77.2.2, 10.77.2.2, true",
        "IPv4 bound to any address, true, 0.0.0.0, 10.77.2.2, false",
        "IPv6, false, fd77:2::2, fd77:2::2, false",
        "IPv6 bound to any address, false, ::, fd77:2::2, true",
        "IPv4 over IPv6 sockets, false, ::, ::ffff:10.77.2.2, false",
        "IPv4 over connected IPv6 sockets, false, ::, ::ffff:10.77.2.2, true",
    })
    void countsWhatBothEndsSentAndReceived(String name, boolean ipv4, String bound, String service, boolean connected)
            throws Exception {
        // Given
        int count = 1_000;
        try (UdpTracker tracker = open()) {
            int given = server.socket(ipv4);
            // Both ports are ephemeral, so they do not decide which end is the server.
            int port = server.bindToAny(given, bound);
            server.serve(given);
            int socket = client.socket(ipv4);

            // When
            if (connected) {
                client.connect(socket, service, port);
            }
            client.ask(socket, service, connected ? 0 : port, count, 3_000);

            // Then
            List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
            assertThat(flows).hasSize(2);
            SocketRecord asked = at(clientNamespace, flows);
            SocketRecord answered = at(serverNamespace, flows);
            UdpTrackers.assertCounted(asked, client.counters(socket));
            UdpTrackers.assertCounted(answered, server.counters(given));
            assertThat(asked.counters().segmentsSent()).isEqualTo(count);
            assertThat(asked.connection().role()).isEqualTo(Role.CLIENT);
            assertThat(answered.connection().role()).isEqualTo(Role.SERVER);
            assertThat(asked.owner().command()).isEqualTo("udp-client");
            assertThat(asked.owner().pid()).isEqualTo(client.pid());
            assertThat(answered.owner().command()).isEqualTo("udp-server");
            boolean overIpv4 = service.contains(".");
            InetAddress clientAddress = InetAddress.getByName(overIpv4 ? CLIENT_IPV4 : CLIENT_IPV6);
            InetAddress serverAddress = InetAddress.getByName(overIpv4 ? SERVER_IPV4 : SERVER_IPV6);
            assertEnds(asked, clientAddress, client.localPort(socket), serverAddress, port);
            assertEnds(answered, serverAddress, port, clientAddress, client.localPort(socket));
        }
    }

    @Test
    void countsAFlowForEachPeerOfASocket() throws Exception {
        // Given
        int clients = 200;
        try (UdpTracker tracker = open()) {
            int both = server.socket(false);
            int port = server.bind(both, "::");
            server.serve(both);

            // When
            Counters all = new Counters(0, 0, 0, 0);
            for (int i = 0; i < clients; i++) {
                int socket = client.socket(i % 2 == 0);
                client.ask(socket, i % 2 == 0 ? SERVER_IPV4 : SERVER_IPV6, port, 1 + i % 7, 1_200);
                all = UdpTrackers.sum(all, client.counters(socket));
                client.close(socket);
            }

            // Then
            List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
            // The kernel can assign the port of a closed socket to a later socket. The server then has one flow for
            // both sockets.
            assertThat(flows)
                    .filteredOn(flow -> flow.connection().networkNamespace() == clientNamespace)
                    .hasSize(clients);
            assertThat(flows)
                    .filteredOn(flow -> flow.connection().networkNamespace() == serverNamespace)
                    .hasSizeBetween(clients - 10, clients);
            UdpTrackers.assertSum(flows, clientNamespace, all);
            UdpTrackers.assertSum(flows, serverNamespace, server.counters(both));
        }
    }

    @Test
    void reportsEachEndsOwnAddressesThroughTranslation() throws Exception {
        // Given
        String service = "10.99.0.53";
        try (UdpTracker tracker = open()) {
            server.serve(listening);
            network.translateDatagrams(service, 53, port);
            int socket = client.socket(true);

            // When
            client.ask(socket, service, 53, 500, 900);
            network.translateDatagramsNoMore(service, 53, port);

            // Then
            List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
            assertThat(flows).hasSize(2);
            SocketRecord asked = at(clientNamespace, flows);
            SocketRecord answered = at(serverNamespace, flows);
            UdpTrackers.assertCounted(asked, client.counters(socket));
            UdpTrackers.assertCounted(answered, server.counters(listening));
            assertThat(asked.connection().remote().address()).isEqualTo(InetAddress.getByName(service));
            assertThat(asked.connection().remote().port()).isEqualTo(53);
            assertThat(answered.connection().remote().address()).isEqualTo(InetAddress.getByName("10.77.2.1"));
            assertThat(answered.connection().local().address()).isEqualTo(InetAddress.getByName(SERVER_IPV4));
        }
    }

    private static void assertEnds(
            SocketRecord flow, InetAddress local, int localPort, InetAddress remote, int remotePort) {
        assertThat(flow.connection().local().address()).isEqualTo(local);
        assertThat(flow.connection().local().port()).isEqualTo(localPort);
        assertThat(flow.connection().remote().address()).isEqualTo(remote);
        assertThat(flow.connection().remote().port()).isEqualTo(remotePort);
    }

    private static SocketRecord at(long namespace, List<SocketRecord> flows) {
        return flows.stream()
                .filter(flow -> flow.connection().networkNamespace() == namespace)
                .findFirst()
                .orElseThrow();
    }
}
