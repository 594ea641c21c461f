package io.natator.topology.ledger;

import static io.natator.topology.FakeIdentities.nodeOf;
import static io.natator.topology.FakeIdentities.podOf;
import static io.natator.topology.FakeIdentities.service;
import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.schemas.SocketOwner;
import io.natator.topology.FakeIdentities;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests NodeLocal DNS: on each node a pod of the host network answers at the address of the DNS Service and at
 * 169.254.20.10. The pods behind the Service (coredns) are not asked.
 */
class LocalDnsTest {
    private static final String SERVICE = "10.96.0.10";
    private static final String LINK_LOCAL = "169.254.20.10";
    private static final long CLIENT = 1;
    private static final long SERVER = 2;

    private final FakeIdentities identities = new FakeIdentities();
    private final LedgerRun run = new LedgerRun(identities);

    @BeforeEach
    void addCluster() {
        identities.addNode(nodeOf("node-a"));
        identities.addOwner("192.168.0.1", nodeOf("node-a"), START.minusSeconds(60), null);
        identities.addPod("uid-web", podOf("web"));
        identities.addPod("uid-coredns", podOf("coredns"));
        identities.addPod("uid-local-dns", inHostNetwork("local-dns"));
        identities.addOwner("10.0.0.1", podOf("web"), START.minusSeconds(60), null);
        identities.addOwner("10.0.0.53", podOf("coredns"), START.minusSeconds(60), null);
        identities.addOwner(SERVICE, service("kube-dns", "coredns"), START.minusSeconds(60), null);
    }

    private static Identity inHostNetwork(String deployment) {
        return Identity.newBuilder(podOf(deployment)).setHostNetwork(true).build();
    }

    private static SocketOwner pod(String uid) {
        return SocketOwner.newBuilder().setCommand("app").setPodUid(uid).build();
    }

    private static ConnectionSnapshot.Builder asked(Protocol protocol, String address) {
        return client(1)
                .setProtocol(protocol)
                .setOwner(pod("uid-web"))
                .setRemoteAddress(address(address))
                .setRemotePort(53)
                .setBytesSent(40)
                .setBytesAcked(40)
                .setBytesReceived(80);
    }

    private static ConnectionSnapshot.Builder answered(Protocol protocol, String address) {
        return server(2)
                .setNode("node-a")
                .setBootId("boot-of-node-a")
                .setProtocol(protocol)
                .setOwner(pod("uid-local-dns"))
                .setLocalAddress(address(address))
                .setLocalPort(53)
                .setBytesSent(80)
                .setBytesAcked(80)
                .setBytesReceived(40);
    }

    private void onlyLinkIs(String expected) {
        run.pass(20);
        assertThat(run.perLink().keySet())
                .extracting(key -> text(NatatorSerdes.linkKey().decode(key.get())))
                .containsExactly(expected);
    }

    /** The Service whose address the client dialled; the local DNS answers at it. */
    private static String via(String address) {
        return address.equals(SERVICE) ? "shop/kube-dns:53" : "";
    }

    private static String text(LinkKey link) {
        return link.getClient().getName() + " -> " + link.getServer().getName() + " ("
                + link.getServer().getKind() + "):" + link.getServerPort() + " via '" + link.getVia() + "'";
    }

    @ParameterizedTest
    @ValueSource(strings = {SERVICE, LINK_LOCAL})
    void tcpIsNamedAfterTheServerThatAccepted(String address) {
        run.report(CLIENT, asked(Protocol.TCP, address).build());
        run.report(CLIENT, answered(Protocol.TCP, address).build());

        onlyLinkIs("web -> local-dns (Deployment):53 via '" + via(address) + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {SERVICE, LINK_LOCAL})
    void udpIsNamedAfterThePeer(String address) {
        // When
        run.report(
                CLIENT,
                asked(Protocol.UDP, address).setPeer(pod("uid-local-dns")).build());
        run.report(SERVER, answered(Protocol.UDP, address).build());

        // Then
        onlyLinkIs("web -> local-dns (Deployment):53 via '" + via(address) + "'");
        assertThat(run.total().bytesToServer()).isEqualTo(40);
        assertThat(run.total().bytesToClient()).isEqualTo(80);
        assertThat(run.total().opened()).isEqualTo(1);
        assertThat(run.udpServerBytes()).isEqualTo(120);
        assertThat(run.withinPodBytes()).isZero();
    }

    @Test
    void peerNeedsNoOwnerOfAnAddressAndDoesNotWait() {
        // Given
        identities.completeAsOf(START.minusSeconds(3600));

        // When
        run.report(
                CLIENT,
                asked(Protocol.UDP, SERVICE).setPeer(pod("uid-local-dns")).build());

        // Then
        assertThat(run.links()).containsExactly("web@shop -> local-dns@shop:53");
    }

    @Test
    void sumOfManyFlowsIsNamedAfterThePeer() {
        run.report(
                CLIENT,
                asked(Protocol.UDP, SERVICE)
                        .setState(ConnectionState.FOLDED)
                        .setConnections(3)
                        .setLocalPort(0)
                        .setPeer(pod("uid-local-dns"))
                        .build());

        onlyLinkIs("web -> local-dns (Deployment):53 via 'shop/kube-dns:53'");
        assertThat(run.total().opened()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({SERVICE, LINK_LOCAL})
    void peerOutsideOfPodsIsTheNode(String address) {
        run.report(
                CLIENT,
                asked(Protocol.UDP, address)
                        .setPeer(SocketOwner.newBuilder().setCommand("dnsmasq").build())
                        .build());

        onlyLinkIs("web -> node-a (node):53 via '" + via(address) + "'");
    }

    @Test
    void peerOutsideOfClustersIsItsProcess() {
        identities.clear();
        run.report(
                CLIENT,
                asked(Protocol.UDP, LINK_LOCAL)
                        .setOwner(SocketOwner.newBuilder().setCommand("curl").build())
                        .setPeer(SocketOwner.newBuilder().setCommand("dnsmasq").build())
                        .build());

        onlyLinkIs("curl -> dnsmasq (process):53 via ''");
    }

    @Test
    void peerWhosePodIsNotKnownYetIsNotTheServiceOfItsAddress() {
        // Given
        identities.completeAsOf(START);
        ConnectionSnapshot asked =
                asked(Protocol.UDP, SERVICE).setPeer(pod("uid-new")).build();
        run.report(CLIENT, asked);
        run.pass(5);
        assertThat(run.links()).isEmpty();

        // When
        identities.addPod("uid-new", inHostNetwork("new-dns"));
        run.pass(5);

        // Then
        onlyLinkIs("web -> new-dns (Deployment):53 via 'shop/kube-dns:53'");
    }

    @Test
    void laterReportWithAPeerMovesTheFlow() {
        // Given
        run.report(CLIENT, asked(Protocol.UDP, SERVICE).build());
        assertThat(run.links()).containsExactly("web@shop -> coredns@shop:53");

        // When
        run.report(
                CLIENT,
                closed(asked(Protocol.UDP, SERVICE))
                        .setBytesSent(50)
                        .setPeer(pod("uid-local-dns"))
                        .build());

        // Then
        assertThat(run.of("web@shop -> local-dns@shop:53").bytesToServer()).isEqualTo(10);
        assertThat(run.of("web@shop -> local-dns@shop:53").closed()).isEqualTo(1);
        assertThat(run.of("web@shop -> coredns@shop:53").closed()).isZero();
    }

    @Test
    void laterReportWithoutThePeerChangesNothing() {
        run.report(
                CLIENT,
                asked(Protocol.UDP, SERVICE).setPeer(pod("uid-local-dns")).build());
        run.report(CLIENT, closed(asked(Protocol.UDP, SERVICE)).setBytesSent(50).build());

        onlyLinkIs("web -> local-dns (Deployment):53 via 'shop/kube-dns:53'");
        assertThat(run.total().bytesToServer()).isEqualTo(50);
    }

    @Test
    void flowBehindTheServiceWithoutPeerIsItsWorkload() {
        run.report(CLIENT, asked(Protocol.UDP, SERVICE).build());

        onlyLinkIs("web -> coredns (Deployment):53 via 'shop/kube-dns:53'");
    }

    @Test
    void flowToAnotherPodOfTheNodeIsNamedAfterIt() {
        // When the address belongs to the pod since a moment that the enricher has not published yet
        run.report(
                CLIENT,
                asked(Protocol.UDP, "10.0.0.77").setPeer(pod("uid-coredns")).build());

        // Then
        onlyLinkIs("web -> coredns (Deployment):53 via ''");
    }

    @Test
    void flowWithinAPodIsNoLink() {
        run.report(
                CLIENT, asked(Protocol.UDP, "10.0.0.1").setPeer(pod("uid-web")).build());
        run.pass(20);

        assertThat(run.links()).isEmpty();
        assertThat(run.withinPodBytes()).isEqualTo(120);
        assertThat(run.udpServerBytes()).isZero();
    }

    @Test
    void peerOfATcpConnectionIsIgnored() {
        run.report(
                CLIENT,
                asked(Protocol.TCP, SERVICE).setPeer(pod("uid-local-dns")).build());
        run.report(
                CLIENT,
                answered(Protocol.TCP, "10.0.0.53").setOwner(pod("uid-coredns")).build());

        onlyLinkIs("web -> coredns (Deployment):53 via 'shop/kube-dns:53'");
    }
}
