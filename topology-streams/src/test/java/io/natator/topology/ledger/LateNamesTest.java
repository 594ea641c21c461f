package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Identity;
import io.natator.schemas.NameKind;
import io.natator.schemas.SocketOwner;
import io.natator.topology.FakeIdentities;
import org.junit.jupiter.api.Test;

/**
 * Names that become known late: before {@code --settle-after} is over the connection waits for them, and later it moves to
 * its right link. A name is never wrong meanwhile.
 */
class LateNamesTest {
    private static final String UNKNOWN = "unknown@unknown -> unknown@unknown:8080";
    private static final String RIGHT = "web@shop -> db@shop:8080";

    private final FakeIdentities identities = new FakeIdentities();
    private final LedgerRun run = new LedgerRun(identities);

    /** The socket belongs to pod uid-new, but the enricher still reports pod uid-old as the owner of the address. */
    @Test
    void podIsNeverNamedAfterAnotherPodThatHadItsAddress() {
        // Given
        Identity old = Identity.newBuilder(FakeIdentities.podOf("billing"))
                .setUid("uid-old")
                .build();
        identities.addNode(FakeIdentities.nodeOf("node-a"));
        identities.addPod("uid-old", old);
        identities.addOwner("10.0.0.1", old, START.minusSeconds(3600), null);

        // When
        run.report(client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("curl")
                        .setPodUid("uid-new")
                        .build())
                .setRemoteAddress(address("8.8.8.8"))
                .setBytesAcked(10));
        run.pass(11);

        // Then
        assertThat(run.links()).noneMatch(link -> link.startsWith("billing@shop"));
    }

    /** The first report of an end has no pod UID. The second report, within {@code --settle-after}, has the UID. */
    @Test
    void podThatOnlyTheSecondReportKnowsNamesTheLink() {
        // Given
        identities.addNode(FakeIdentities.nodeOf("node-a"));
        identities.addPod("uid-web", FakeIdentities.podOf("web"));
        run.report(client(1).setBytesAcked(1));

        // When
        run.report(client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("curl")
                        .setPodUid("uid-web")
                        .build())
                .setBytesAcked(2)
                .setObservedAt(START.plusSeconds(3)));
        run.pass(11);

        // Then
        assertThat(run.links()).containsExactly("web@shop -> 10.0.0.2@external:8080");
    }

    /** The process had ended at the first report. A later report, within {@code --settle-after}, has its name. */
    @Test
    void unitThatOnlyTheSecondReportKnowsNamesTheLink() {
        // Given
        run.report(client(1).setOwner(owner("", NameKind.UNRESOLVED)).setBytesAcked(1));

        // When
        run.report(client(1)
                .setOwner(owner("kafka", NameKind.UNIT))
                .setBytesAcked(2)
                .setObservedAt(START.plusSeconds(3)));
        run.pass(11);

        // Then
        assertThat(run.links()).containsExactly("kafka@node-a -> 10.0.0.2@external:8080");
    }

    /** On a node of a cluster, a process that is not found can be in a pod on the node's network. */
    @Test
    void processThatOnlyALateReportKnowsMovesTheLink() {
        // Given
        identities.addNode(FakeIdentities.nodeOf("node-a"));
        identities.addOwner("10.0.0.1", FakeIdentities.nodeOf("node-a"), START.minusSeconds(3600), null);
        identities.addPod("uid-web", FakeIdentities.podOf("web"));
        run.report(client(1).setOwner(owner("", NameKind.UNRESOLVED)).setBytesAcked(10));
        run.pass(11);

        // When
        run.report(client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("java")
                        .setPodUid("uid-web")
                        .build())
                .setBytesAcked(15)
                .setObservedAt(START.plusSeconds(60)));
        run.pass(11);

        // Then
        String unknown = "unknown@unknown -> 10.0.0.2@external:8080";
        String right = "web@shop -> 10.0.0.2@external:8080";
        assertThat(run.links()).containsExactlyInAnyOrder(unknown, right);
        assertThat(run.of(unknown).bytesToServer()).isEqualTo(10);
        assertThat(run.of(right).bytesToServer()).isEqualTo(5);
    }

    private static SocketOwner owner(String name, NameKind kind) {
        return SocketOwner.newBuilder()
                .setCommand("java")
                .setName(name)
                .setNameKind(kind)
                .build();
    }

    /** In a new installation, a process outside a pod is reported before the process's node is known. */
    @Test
    void nodeThatBecomesKnownWithinTheBoundNamesTheLink() {
        // Given
        identities.completeAsOf(START.minusSeconds(60));
        run.report(client(1).setRemoteAddress(address("8.8.8.8")).setBytesAcked(1));

        // When
        identities.completeAsOf(START.plusSeconds(5));
        identities.addNode(FakeIdentities.nodeOf("node-a"));
        identities.addOwner("10.0.0.1", FakeIdentities.nodeOf("node-a"), START.minusSeconds(3600), null);
        run.pass(11);
        run.report(
                client(1).setRemoteAddress(address("8.8.8.8")).setBytesAcked(2).setObservedAt(START.plusSeconds(30)));

        // Then
        assertThat(run.links()).containsExactly("node-a@node -> 8.8.8.8@external:8080");
    }

    /** A pod is refused in its first second, before the enricher has read the pod. */
    @Test
    void failureOfANewPodIsCountedForItsWorkload() {
        // Given
        identities.completeAsOf(START);
        run.report(client(1)
                .setOwner(ownedBy("uid-web"))
                .setState(ConnectionState.FAILED)
                .setCloseReason(CloseReason.REFUSED));

        // When
        identities.addPod("uid-web", FakeIdentities.podOf("web"));
        identities.addOwner("10.0.0.2", FakeIdentities.podOf("db"), START.minusSeconds(3600), null);
        identities.completeAsOf(START.plusSeconds(2));
        run.pass(4);

        // Then
        assertThat(run.links()).containsExactly("web@shop -> db@shop:8080");
        assertThat(run.total().failed()).isEqualTo(1);
    }

    /** In a new installation the enricher starts when connections are already open. */
    @Test
    void connectionMovesToItsRightLinkWhenItsNamesBecomeKnown() {
        // Given a connection that was named after the bound, without any identity
        identities.completeAsOf(START.minusSeconds(60));
        run.report(client(1).setOwner(ownedBy("uid-web")).setBytesAcked(100));
        run.report(server(2).setBytesReceived(100));
        run.pass(11);
        assertThat(run.links()).containsExactly(UNKNOWN);

        // When the identities become known, and the connection goes on and ends
        identities.addPod("uid-web", FakeIdentities.podOf("web"));
        identities.addOwner("10.0.0.2", FakeIdentities.podOf("db"), START.minusSeconds(3600), null);
        identities.completeAsOf(START.plusSeconds(15));
        run.report(client(1).setOwner(ownedBy("uid-web")).setBytesAcked(300).setObservedAt(START.plusSeconds(20)));
        long activeBefore = run.of(UNKNOWN).connections().active();
        long activeAfter = run.of(RIGHT).connections().active();
        run.report(closed(client(1)).setBytesAcked(400).setObservedAt(START.plusSeconds(30)));
        run.report(closed(server(2)).setBytesReceived(400).setObservedAt(START.plusSeconds(30)));

        // Then
        assertThat(activeBefore).isZero();
        assertThat(activeAfter).isEqualTo(1);
        assertThat(run.of(UNKNOWN).bytesToServer()).isEqualTo(100);
        assertThat(run.of(UNKNOWN).opened()).isEqualTo(1);
        assertThat(run.of(UNKNOWN).closed()).isZero();
        assertThat(run.of(RIGHT).bytesToServer()).isEqualTo(300);
        assertThat(run.of(RIGHT).opened()).isZero();
        assertThat(run.of(RIGHT).closed()).isEqualTo(1);
        assertThat(run.of(RIGHT).connections().active()).isZero();
        assertThat(run.total().bytesToServer()).isEqualTo(400);
    }

    /** The other end is reported after the bound, for example because its node could not reach the broker. */
    @Test
    void lateReportOfTheOtherEndNamesIt() {
        // Given
        identities.addPod("uid-web", FakeIdentities.podOf("web"));
        identities.addPod("uid-db", FakeIdentities.podOf("db"));
        run.report(client(1).setOwner(ownedBy("uid-web")).setBytesAcked(100));
        run.pass(11);

        // When
        run.report(server(2).setOwner(ownedBy("uid-db")).setBytesReceived(150).setObservedAt(START.plusSeconds(30)));

        // Then
        assertThat(run.of("web@shop -> 10.0.0.2@external:8080").bytesToServer()).isEqualTo(100);
        assertThat(run.of("web@shop -> 10.0.0.2@external:8080").connections().active())
                .isZero();
        assertThat(run.of(RIGHT).bytesToServer()).isEqualTo(50);
        assertThat(run.of(RIGHT).connections().active()).isEqualTo(1);
    }

    /** A collector finds out late that a process of its node belongs to a pod. */
    @Test
    void reportThatKnowsThePodWinsAfterTheBound() {
        // Given
        identities.addNode(FakeIdentities.nodeOf("node-a"));
        identities.addPod("uid-web", FakeIdentities.podOf("web"));
        identities.addPod("uid-db", FakeIdentities.podOf("db"));
        run.report(client(1).setBytesAcked(1));
        run.report(server(2).setOwner(ownedBy("uid-db")).setBytesReceived(1));
        run.pass(11);
        assertThat(run.links()).containsExactly("node-a@node -> db@shop:8080");

        // When a report knows the pod, and a later one does not
        run.report(client(1).setOwner(ownedBy("uid-web")).setBytesAcked(10).setObservedAt(START.plusSeconds(20)));
        run.report(client(1).setBytesAcked(30).setObservedAt(START.plusSeconds(40)));

        // Then
        assertThat(run.of(RIGHT).bytesToServer()).isEqualTo(29);
    }

    /** The topic of identities is emptied, so what was known is unknown again. */
    @Test
    void namesNeverGetWorse() {
        // Given
        identities.addPod("uid-web", FakeIdentities.podOf("web"));
        identities.addOwner("10.0.0.2", FakeIdentities.podOf("db"), START.minusSeconds(3600), null);
        run.report(client(1).setOwner(ownedBy("uid-web")).setBytesAcked(1));
        run.pass(11);
        assertThat(run.links()).containsExactly(RIGHT);

        // When
        identities.clear();
        identities.completeAsOf(START.minusSeconds(60));
        run.report(server(2).setBytesReceived(50).setObservedAt(START.plusSeconds(20)));
        run.report(client(1).setOwner(ownedBy("uid-web")).setBytesAcked(100).setObservedAt(START.plusSeconds(30)));

        // Then
        assertThat(run.links()).containsExactly(RIGHT);
        assertThat(run.total().bytesToServer()).isEqualTo(100);
    }

    private static SocketOwner ownedBy(String podUid) {
        return SocketOwner.newBuilder().setCommand("java").setPodUid(podUid).build();
    }
}
