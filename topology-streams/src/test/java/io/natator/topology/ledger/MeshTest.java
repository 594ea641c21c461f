package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.SocketOwner;
import io.natator.topology.FakeIdentities;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Connections of the sidecars of a service mesh: each application's connection is redirected to the sidecar of its pod,
 * and only the connection between the two sidecars counts.
 */
class MeshTest {
    private static final long OUTBOUND = 1;
    private static final long BETWEEN_PODS = 2;
    private static final long INBOUND = 3;
    private static final String LINK = "cart@shop -> stock@shop:8080";

    private final FakeIdentities identities = new FakeIdentities();
    private final LedgerRun run = new LedgerRun(identities);

    @BeforeEach
    void addPods() {
        identities.addPod("uid-cart", FakeIdentities.podOf("cart"));
        identities.addPod("uid-stock", FakeIdentities.podOf("stock"));
        identities.addOwner("10.96.0.1", FakeIdentities.service("stock", "stock"), START.minusSeconds(60), null);
    }

    private static ConnectionSnapshot.Builder inPod(ConnectionSnapshot.Builder half, String uid) {
        return half.setOwner(
                SocketOwner.newBuilder().setCommand("any").setPodUid(uid).build());
    }

    /** The application in the pod of cart connects to the Service, and is redirected to its sidecar. */
    private void outbound(long bytes) {
        run.report(
                OUTBOUND,
                closed(inPod(client(1), "uid-cart"))
                        .setRemoteAddress(address("10.96.0.1"))
                        .setRemotePort(80)
                        .setBytesAcked(bytes)
                        .build());
        run.report(
                OUTBOUND,
                closed(inPod(server(2), "uid-cart"))
                        .setLocalAddress(address("127.0.0.1"))
                        .setLocalPort(15_001)
                        .setBytesReceived(bytes)
                        .build());
    }

    @Test
    void connectionToTheOwnSidecarIsNoLink() {
        outbound(700);
        run.pass(20);

        assertThat(run.links()).isEmpty();
        assertThat(run.total().opened()).isZero();
        assertThat(run.withinPodBytes()).isEqualTo(700);
    }

    @Test
    void trafficOfSidecarsCountsOnce() {
        // When
        outbound(700);
        run.report(
                BETWEEN_PODS,
                closed(inPod(client(3), "uid-cart"))
                        .setRemoteAddress(address("10.0.0.2"))
                        .setBytesAcked(700)
                        .build());
        run.report(
                BETWEEN_PODS,
                closed(inPod(server(4), "uid-stock")).setBytesReceived(700).build());
        run.report(
                INBOUND,
                closed(inPod(client(5), "uid-stock"))
                        .setLocalAddress(address("127.0.0.6"))
                        .setRemoteAddress(address("10.0.0.2"))
                        .setBytesAcked(700)
                        .build());
        run.report(
                INBOUND,
                closed(inPod(server(6), "uid-stock"))
                        .setRemoteAddress(address("127.0.0.6"))
                        .setBytesReceived(700)
                        .build());
        run.pass(20);

        // Then
        assertThat(run.links()).containsExactly(LINK);
        assertThat(run.of(LINK).bytesToServer()).isEqualTo(700);
        assertThat(run.of(LINK).opened()).isEqualTo(1);
        assertThat(run.withinPodBytes()).isEqualTo(1_400);
    }

    /** The collector's --loopback asks for connections over the loopback device, which nothing redirected. */
    @Test
    void connectionOverLoopbackWithinAPodIsALink() {
        run.report(
                OUTBOUND,
                closed(inPod(client(1), "uid-cart"))
                        .setLocalAddress(address("127.0.0.1"))
                        .setRemoteAddress(address("127.0.0.1"))
                        .setBytesAcked(9)
                        .build());
        run.report(
                OUTBOUND,
                closed(inPod(server(2), "uid-cart"))
                        .setLocalAddress(address("127.0.0.1"))
                        .setRemoteAddress(address("127.0.0.1"))
                        .setBytesReceived(9)
                        .build());

        assertThat(run.links()).containsExactly("cart@shop -> cart@shop:8080");
    }
}
