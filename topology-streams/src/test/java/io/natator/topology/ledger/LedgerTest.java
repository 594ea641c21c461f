package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import io.natator.topology.FakeIdentities;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final FakeIdentities identities = new FakeIdentities();
    private final LedgerRun run = new LedgerRun(identities);

    @Test
    void bothHalvesAreTheSameBytes() {
        // Given
        run.report(client(1).setBytesAcked(100).setBytesReceived(900));

        // When
        run.report(server(2).setBytesAcked(1_000).setBytesReceived(120));

        // Then
        assertThat(run.total().bytesToServer()).isEqualTo(120);
        assertThat(run.total().bytesToClient()).isEqualTo(1_000);
        assertThat(run.total().opened()).isEqualTo(1);
        assertThat(run.links()).containsExactly("curl@node-a -> nginx@node-b:8080");
    }

    @Test
    void bytesInFlightDoNotCount() {
        run.report(client(1).setBytesSent(5_000).setBytesAcked(100));
        run.report(server(2));

        assertThat(run.total().bytesToServer()).isEqualTo(100);
    }

    @Test
    void halfWithAnInternalRemoteAddressWaitsForTheBound() {
        // Given
        run.report(client(1).setBytesAcked(100));
        run.pass(9);
        assertThat(run.links()).isEmpty();

        // When
        run.pass(1);

        // Then
        assertThat(run.links()).containsExactly("curl@node-a -> 10.0.0.2@external:8080");
        assertThat(run.total().bytesToServer()).isEqualTo(100);
    }

    @Test
    void halfThatArrivesAfterTheBoundAddsToTheLinkThatItNames() {
        // Given
        run.report(client(1).setBytesAcked(100));
        run.pass(11);

        // When
        run.report(server(2).setBytesReceived(150));

        // Then
        assertThat(run.of("curl@node-a -> 10.0.0.2@external:8080").bytesToServer())
                .isEqualTo(100);
        assertThat(run.of("curl@node-a -> nginx@node-b:8080").bytesToServer()).isEqualTo(50);
        assertThat(run.total().opened()).isEqualTo(1);
    }

    @Test
    void halfWithAPublicRemoteAddressSettlesAtOnce() {
        run.report(client(1).setRemoteAddress(address("8.8.8.8")).setBytesAcked(7));

        assertThat(run.links()).containsExactly("curl@node-a -> 8.8.8.8@external:8080");
    }

    @Test
    void connectionMovesWhenAnIdentityArrivesLate() {
        // Given a pod that does not become known within --settle-after
        ConnectionSnapshot.Builder half = client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("curl")
                        .setPodUid("uid-1")
                        .build())
                .setRemoteAddress(address("8.8.8.8"));
        run.report(half.setBytesAcked(10));
        run.pass(11);

        // When
        identities.addPod("uid-1", FakeIdentities.podOf("web"));
        run.report(half.setBytesAcked(30).setObservedAt(START.plusSeconds(20)));

        // Then
        assertThat(run.of("curl@node-a -> 8.8.8.8@external:8080").bytesToServer())
                .isEqualTo(10);
        assertThat(run.of("web@shop -> 8.8.8.8@external:8080").bytesToServer()).isEqualTo(20);
    }

    @Test
    void identityThatArrivesWithinTheBoundNamesTheLink() {
        // Given
        ConnectionSnapshot.Builder half = client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("curl")
                        .setPodUid("uid-1")
                        .build())
                .setRemoteAddress(address("8.8.8.8"));
        run.report(half.setBytesAcked(10));

        // When
        identities.addPod("uid-1", FakeIdentities.podOf("web"));
        run.pass(11);

        // Then
        assertThat(run.links()).containsExactly("web@shop -> 8.8.8.8@external:8080");
    }

    @Test
    void duplicateAndLateReportsChangeNothing() {
        // Given
        ConnectionSnapshot early = client(1).setBytesAcked(50).build();
        ConnectionSnapshot late = client(1)
                .setBytesAcked(80)
                .setObservedAt(START.plusSeconds(2))
                .setSmoothedRttMicros(300)
                .build();
        run.report(server(2));

        // When
        run.report(late);
        run.report(early);
        run.report(late);
        run.report(early);

        // Then
        assertThat(run.total().bytesToServer()).isEqualTo(80);
        assertThat(run.total().rttSamples()).isEqualTo(1);
    }

    @Test
    void closeCountsWhenBothHalvesHaveEnded() {
        // Given
        run.report(client(1));
        run.report(server(2));

        // When
        run.report(closed(client(1)).setObservedAt(START.plusSeconds(3)).setBytesAcked(9));
        long afterOne = run.total().closed();
        run.report(closed(server(2)).setObservedAt(START.plusSeconds(4)).setBytesReceived(9));

        // Then
        assertThat(afterOne).isZero();
        assertThat(run.total().closed()).isEqualTo(1);
        assertThat(run.total().durationMicros()).isEqualTo(3_000_000);
        assertThat(run.total().bytesToServer()).isEqualTo(9);
    }

    @Test
    void closeThatOnlyOneHalfReportsCountsAfterTheRetention() {
        // Given
        run.report(client(1));
        run.report(server(2));
        run.report(closed(client(1)));

        // When
        run.pass(5 * 60 + 11);

        // Then
        assertThat(run.total().closed()).isEqualTo(1);
    }

    @Test
    void resetIsAFailureOfAnEstablishedConnection() {
        run.report(server(2));
        run.report(client(1).setState(ConnectionState.CLOSED).setCloseReason(CloseReason.RESET));
        run.report(closed(server(2)));

        assertThat(run.total().failures()).containsExactly("RESET");
        assertThat(run.total().opened()).isEqualTo(1);
        assertThat(run.total().closed()).isEqualTo(1);
        assertThat(run.total().failed()).isZero();
    }

    @Test
    void failedConnectionCountsAsFailedOnly() {
        run.report(client(1)
                .setRemoteAddress(address("8.8.8.8"))
                .setState(ConnectionState.FAILED)
                .setCloseReason(CloseReason.REFUSED));
        run.pass(600);

        assertThat(run.total().failed()).isEqualTo(1);
        assertThat(run.total().failures()).containsExactly("REFUSED");
        assertThat(run.total().opened()).isZero();
        assertThat(run.total().closed()).isZero();
    }

    @Test
    void statisticsOfBothDirectionsCountOnce() {
        run.report(client(1).setSegmentsSent(10).setSegmentsReceived(7).setRetransmits(2));
        run.report(server(2).setSegmentsSent(8).setSegmentsReceived(9).setRetransmits(3));
        run.report(server(2).setSegmentsSent(8).setSegmentsReceived(9).setRetransmits(4));

        assertThat(run.total().segmentsToServer()).isEqualTo(10);
        assertThat(run.total().segmentsToClient()).isEqualTo(8);
        assertThat(run.total().retransmits()).isEqualTo(6);
    }

    @Test
    void anotherSocketWithTheSameFingerprintIsAnotherConnection() {
        // Given
        run.report(client(1).setBytesAcked(100));
        run.report(server(2));

        // When
        run.report(client(99).setBytesAcked(30));
        run.pass(11);

        // Then
        assertThat(run.collisions()).isEqualTo(1);
        assertThat(run.total().bytesToServer()).isEqualTo(130);
        assertThat(run.total().opened()).isEqualTo(2);
    }

    @Test
    void sameCookieOfAnotherBootIsAnotherSocket() {
        run.report(client(1).setBytesAcked(100));
        run.report(client(1).setBootId("after-the-reboot").setBytesAcked(30));
        run.pass(11);

        assertThat(run.collisions()).isEqualTo(1);
        assertThat(run.total().bytesToServer()).isEqualTo(130);
    }

    @Test
    void stepOfTheNodesClockIsNoCollision() {
        run.report(client(1).setBytesAcked(100));
        run.report(client(1).setBytesAcked(120).setStartedAt(START.minusSeconds(3_600)));
        run.pass(11);

        assertThat(run.collisions()).isZero();
        assertThat(run.total().bytesToServer()).isEqualTo(120);
    }

    @Test
    void halfWithoutRoleIsTheOneThatIsMissing() {
        run.report(client(1).setBytesAcked(100));
        run.report(server(2).setRole(Role.UNKNOWN).setBytesReceived(110));

        assertThat(run.links()).containsExactly("curl@node-a -> nginx@node-b:8080");
        assertThat(run.total().bytesToServer()).isEqualTo(110);
    }

    @Test
    void roleOfASingleHalfIsGuessedFromThePorts() {
        run.report(server(2).setRole(Role.UNKNOWN).setBytesAcked(5));
        run.pass(11);

        assertThat(run.links()).containsExactly("10.0.0.1@external -> nginx@node-b:8080");
        assertThat(run.total().bytesToClient()).isEqualTo(5);
    }

    @Test
    void endedConnectionLeavesAndALateDuplicateDoesNotCountAgain() {
        // Given
        ConnectionSnapshot end = closed(client(1)).setBytesAcked(100).build();
        run.report(end);
        run.report(closed(server(2)).setBytesReceived(100));
        run.pass(11 * 60);
        assertThat(run.stage()).isEqualTo(Stage.COMPLETE);

        // When
        run.report(end);

        // Then
        assertThat(run.total().bytesToServer()).isEqualTo(100);
        assertThat(run.total().opened()).isEqualTo(1);
    }

    @Test
    void idleConnectionLeavesAndContinuesWhenItIsReportedAgain() {
        // Given
        run.report(client(1).setBytesAcked(100));
        run.report(server(2));
        run.pass(20 * 60);
        assertThat(run.stage()).isEqualTo(Stage.DORMANT);
        assertThat(run.total().closed()).isEqualTo(1);

        // When
        run.report(client(1).setBytesAcked(140).setObservedAt(START.plusSeconds(1_300)));

        // Then
        assertThat(run.total().bytesToServer()).isEqualTo(140);
        assertThat(run.total().opened()).isEqualTo(1);
        assertThat(run.total().closed()).isEqualTo(1);
        assertThat(run.links()).containsExactly("curl@node-a -> nginx@node-b:8080");
    }

    @Test
    void heartbeatsKeepAConnectionForDays() {
        run.report(client(1));
        run.report(server(2));
        for (int minute = 0; minute < 2 * 24 * 60; minute++) {
            run.pass(60);
            run.report(client(1).setBytesAcked(minute).setObservedAt(START.plusSeconds(60L * minute + 60)));
        }

        assertThat(run.stage()).isEqualTo(Stage.SETTLED);
        assertThat(run.total().closed()).isZero();
    }

    @Test
    void everyEntryIsDeletedInTheEnd() {
        run.report(closed(client(1)));
        run.report(closed(server(2)));
        run.pass(25 * 3_600);

        assertThat(run.isEmpty()).isTrue();
    }

    @Test
    void foldedBytesCountOnlyIfNoOtherHalfCanExist() {
        // Given
        ConnectionSnapshot.Builder internal =
                client(0).setState(ConnectionState.FOLDED).setConnections(3);
        ConnectionSnapshot.Builder external = client(0)
                .setState(ConnectionState.FOLDED)
                .setConnections(5)
                .setRemoteAddress(address("8.8.8.8"))
                .setBootId("other-boot");

        // When
        run.report(internal.setBytesAcked(1_000));
        run.pass(11);
        run.report(external.setBytesAcked(200).setBytesReceived(20));
        run.report(external.setBytesAcked(300).setBytesReceived(20));

        // Then
        assertThat(run.foldedBytes()).isEqualTo(1_320);
        assertThat(run.total().opened()).isEqualTo(5);
        assertThat(run.total().closed()).isEqualTo(5);
        assertThat(run.total().bytesToServer()).isEqualTo(300);
    }

    @Test
    void sumSentAgainByALaterCollectorCountsOnce() {
        // Given
        ConnectionSnapshot.Builder sum = client(0)
                .setState(ConnectionState.FOLDED)
                .setConnections(5)
                .setRemoteAddress(address("8.8.8.8"))
                .setBytesAcked(300);
        run.report(sum);

        // When a restarted collector sends the same sum of connections again, with another start time
        run.report(sum.setStartedAt(sum.getStartedAt().plusMillis(3)));

        // Then
        assertThat(run.foldedBytes()).isEqualTo(300);
        assertThat(run.total().bytesToServer()).isEqualTo(300);
        assertThat(run.total().opened()).isEqualTo(5);
    }
}
