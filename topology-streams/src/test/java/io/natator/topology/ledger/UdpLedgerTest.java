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
import io.natator.schemas.Protocol;
import io.natator.schemas.SocketOwner;
import io.natator.topology.FakeIdentities;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests UDP flows. The reports of the two ends of a flow have different keys, and the reports of exactly one end must
 * be counted.
 */
class UdpLedgerTest {
    private static final long CLIENT = 1;
    private static final long SERVER = 2;

    private final FakeIdentities identities = new FakeIdentities();
    private final LedgerRun run = new LedgerRun(identities);

    private static ConnectionSnapshot.Builder udpClient() {
        return client(1).setProtocol(Protocol.UDP).setOwner(pod("uid-web"));
    }

    private static ConnectionSnapshot.Builder udpServer() {
        return server(2).setProtocol(Protocol.UDP).setOwner(pod("uid-dns"));
    }

    private static SocketOwner pod(String uid) {
        return SocketOwner.newBuilder().setCommand("app").setPodUid(uid).build();
    }

    /** Defines the pods web (10.0.0.1, on node-a) and dns (10.0.0.2, on node-b). */
    private void cluster() {
        identities.addNode(nodeOf("node-a"));
        identities.addNode(nodeOf("node-b"));
        identities.addPod("uid-web", podOf("web"));
        identities.addPod("uid-dns", podOf("dns"));
        identities.addOwner("10.0.0.1", podOf("web"), START.minusSeconds(60), null);
        identities.addOwner("10.0.0.2", podOf("dns"), START.minusSeconds(60), null);
        identities.addOwner("192.168.0.1", nodeOf("node-a"), START.minusSeconds(60), null);
    }

    @Test
    void clientsHalfCountsAndTheServersDoesNot() {
        // Given
        cluster();

        // When
        run.report(CLIENT, udpClient().setBytesSent(100).setBytesReceived(400).build());
        run.report(SERVER, udpServer().setBytesSent(400).setBytesReceived(90).build());
        run.pass(11);

        // Then
        assertThat(run.links()).containsExactly("web@shop -> dns@shop:8080");
        assertThat(run.total().bytesToServer()).isEqualTo(100);
        assertThat(run.total().bytesToClient()).isEqualTo(400);
        assertThat(run.total().opened()).isEqualTo(1);
        assertThat(run.udpServerBytes()).isEqualTo(490);
    }

    @Test
    void datagramsCountAsSegments() {
        cluster();
        run.report(CLIENT, udpClient().setSegmentsSent(7).setSegmentsReceived(5).build());
        run.pass(11);

        assertThat(run.total().segmentsToServer()).isEqualTo(7);
        assertThat(run.total().segmentsToClient()).isEqualTo(5);
    }

    @Test
    void clientOfASteadyServiceDoesNotWait() {
        // Given
        cluster();
        identities.addOwner("10.96.0.10", service("dns"), START.minusSeconds(60), null);

        // When
        run.report(
                CLIENT,
                udpClient()
                        .setRemoteAddress(address("10.96.0.10"))
                        .setBytesSent(10)
                        .build());

        // Then
        assertThat(run.links()).containsExactly("web@shop -> dns@shop:8080");
    }

    @ParameterizedTest
    @CsvSource({
        // Columns: the client's address as the server sees it, whether the server's report counts, whose address it is
        "10.0.0.1,    false, a pod",
        "192.168.0.1, false, 'a node, or a pod that it masquerades'",
        "10.0.0.2,    false, the server's own host",
        "127.0.0.1,   false, loopback",
        "8.8.8.8,     true,  a public address",
        "10.77.0.1,   true,  a private one that the cluster does not have",
        "10.0.0.9,    true,  a pod's that was gone before"
    })
    void serversHalfCountsIfNoClientsHalfCanExist(String client, boolean counts, String what) {
        // Given
        cluster();
        identities.addOwner("10.0.0.9", podOf("gone"), START.minusSeconds(60), START.minusSeconds(10));

        // When
        run.report(
                SERVER,
                udpServer()
                        .setRemoteAddress(address(client))
                        .setBytesSent(400)
                        .setBytesReceived(90)
                        .build());
        run.pass(11);

        // Then
        assertThat(run.total().bytesToServer()).as(what).isEqualTo(counts ? 90 : 0);
        assertThat(run.total().opened()).as(what).isEqualTo(counts ? 1 : 0);
        assertThat(run.udpServerBytes()).as(what).isEqualTo(counts ? 0 : 490);
    }

    @Test
    void ownerThatIsNotKnownYetIsAwaited() {
        // Given
        cluster();
        identities.completeAsOf(START);
        ConnectionSnapshot half = udpServer()
                .setRemoteAddress(address("198.51.100.7"))
                .setBytesReceived(90)
                .build();
        run.report(SERVER, half);
        run.pass(7);

        // When
        identities.addOwner("198.51.100.7", podOf("late"), START.minusSeconds(1), null);
        identities.completeAsOf(START.plusSeconds(2));
        run.pass(2);

        // Then
        assertThat(run.total().bytesToServer()).isZero();
        assertThat(run.udpServerBytes()).isEqualTo(90);
    }

    @ParameterizedTest
    @CsvSource({"172.17.0.2, false", "8.8.8.8, true"})
    void outsideClustersPrivateClientsMayBeReported(String client, boolean counts) {
        run.report(
                SERVER,
                server(2)
                        .setProtocol(Protocol.UDP)
                        .setRemoteAddress(address(client))
                        .setBytesReceived(90)
                        .build());
        run.pass(11);

        assertThat(run.total().bytesToServer()).isEqualTo(counts ? 90 : 0);
        assertThat(run.udpServerBytes()).isEqualTo(counts ? 0 : 90);
    }

    @Test
    void flowClosesWhenIdleAndContinuesLater() {
        // Given
        cluster();
        run.report(CLIENT, udpClient().setBytesSent(100).build());
        run.pass(3_600);
        assertThat(run.total().closed()).isEqualTo(1);

        // When
        run.report(
                CLIENT,
                udpClient()
                        .setBytesSent(150)
                        .setObservedAt(START.plusSeconds(4_000))
                        .build());

        // Then
        assertThat(run.total().bytesToServer()).isEqualTo(150);
        assertThat(run.total().opened()).isEqualTo(1);
    }

    @Test
    void sumsOfManyFlowsFollowTheSameRule() {
        // Given
        cluster();

        // When
        run.report(
                CLIENT,
                udpClient()
                        .setState(ConnectionState.FOLDED)
                        .setConnections(3)
                        .setBytesSent(100)
                        .build());
        run.report(
                SERVER,
                udpServer()
                        .setState(ConnectionState.FOLDED)
                        .setConnections(3)
                        .setBytesReceived(100)
                        .build());
        run.pass(11);

        // Then
        assertThat(run.total().bytesToServer()).isEqualTo(100);
        assertThat(run.total().opened()).isEqualTo(3);
    }

    /** Where the client of a flow runs. This decides which ends of the flow are reported. */
    private enum Where {
        POD,
        NODE,
        OUTSIDE
    }

    private record Report(long key, ConnectionSnapshot snapshot) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void eachDatagramCountsOnceInAnyOrderAndThroughAnyNat(long seed) {
        // Given flows from pods, nodes and external clients, some through masquerading and some to a Service
        cluster();
        identities.addOwner("10.96.0.10", service("dns"), START.minusSeconds(60), null);
        var random = new Random(seed);
        List<Report> reports = new ArrayList<>();
        long toServer = 0;
        long toClient = 0;
        for (int flow = 0; flow < 200; flow++) {
            long sent = random.nextInt(1_000_000);
            long received = random.nextInt(1_000_000);
            toServer += sent;
            toClient += received;
            Where where = Where.values()[random.nextInt(3)];
            boolean masqueraded = where == Where.POD && random.nextBoolean();
            String seen = switch (where) {
                case POD -> masqueraded ? "192.168.0.1" : "10.0.0.1";
                case NODE -> "192.168.0.1";
                case OUTSIDE -> random.nextBoolean() ? "203.0.113.5" : "10.77.0.5";
            };
            if (where != Where.OUTSIDE) {
                ConnectionSnapshot.Builder half = udpClient()
                        .setSocketCookie(10_000 + flow)
                        .setRemoteAddress(address(random.nextBoolean() ? "10.96.0.10" : "10.0.0.2"));
                if (where == Where.NODE) {
                    half.setOwner(SocketOwner.newBuilder().setCommand("agent").build())
                            .setLocalAddress(address("192.168.0.1"));
                }
                addReports(reports, random, 2L * flow, half, sent, received);
            }
            addReports(
                    reports,
                    random,
                    2L * flow + 1,
                    udpServer().setSocketCookie(20_000 + flow).setRemoteAddress(address(seen)),
                    received,
                    sent);
        }
        Collections.shuffle(reports, random);

        // When
        for (Report report : reports) {
            run.report(report.key(), report.snapshot());
            if (random.nextInt(20) == 0) {
                run.pass(1);
            }
        }
        run.pass(3_600);

        // Then
        assertThat(run.total().bytesToServer()).as("seed %d", seed).isEqualTo(toServer);
        assertThat(run.total().bytesToClient()).as("seed %d", seed).isEqualTo(toClient);
        assertThat(run.total().opened()).isEqualTo(200);
        assertThat(run.total().closed()).isEqualTo(200);
    }

    /**
     * Adds the reports of one end, with growing counters and, for some flows, a close. A report can arrive twice. Every
     * report except the last one can be lost.
     */
    private static void addReports(
            List<Report> reports, Random random, long key, ConnectionSnapshot.Builder half, long sent, long received) {
        int count = 1 + random.nextInt(4);
        for (int i = 1; i <= count; i++) {
            ConnectionSnapshot.Builder part = half.setBytesSent(sent * i / count)
                    .setBytesReceived(received * i / count)
                    .setObservedAt(START.plusMillis(100L * i));
            ConnectionSnapshot snapshot = (i == count && random.nextBoolean() ? closed(part) : part).build();
            int copies = i == count ? 1 + random.nextInt(2) : random.nextInt(3);
            for (int copy = 0; copy < copies; copy++) {
                reports.add(new Report(key, snapshot));
            }
        }
    }
}
