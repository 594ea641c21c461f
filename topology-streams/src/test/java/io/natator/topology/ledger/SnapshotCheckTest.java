package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import io.natator.topology.statistics.DeadLetterReason;
import io.natator.topology.statistics.SnapshotCorrection;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SnapshotCheckTest {
    private static final long WALL_MILLIS = START.plusSeconds(10).toEpochMilli();

    private static SocketOwner inPod(String uid) {
        return SocketOwner.newBuilder().setPodUid(uid).build();
    }

    static Stream<Arguments> absurd() {
        return Stream.of(
                Arguments.of(client(1).setBytesAcked(-1), DeadLetterReason.NEGATIVE_COUNTER),
                Arguments.of(client(1).setRetransmits(Long.MIN_VALUE), DeadLetterReason.NEGATIVE_COUNTER),
                Arguments.of(client(1).setConnections(0), DeadLetterReason.NEGATIVE_COUNTER),
                Arguments.of(client(1).setBytesReceived(Long.MAX_VALUE), DeadLetterReason.ABSURD_COUNTER),
                Arguments.of(client(1).setNode("n".repeat(2_000)), DeadLetterReason.TEXT),
                Arguments.of(client(1).setPeer(inPod("p".repeat(2_000))), DeadLetterReason.TEXT),
                Arguments.of(client(1).setLocalAddress(ByteBuffer.allocate(5)), DeadLetterReason.ADDRESS),
                Arguments.of(client(1).setRemoteAddress(ByteBuffer.allocate(0)), DeadLetterReason.ADDRESS),
                Arguments.of(client(1).setLocalPort(-1), DeadLetterReason.PORT),
                Arguments.of(client(1).setRemotePort(65_536), DeadLetterReason.PORT));
    }

    @ParameterizedTest
    @MethodSource("absurd")
    void impossibleSnapshotIsRefused(ConnectionSnapshot.Builder snapshot, DeadLetterReason reason) {
        assertThatThrownBy(() -> SnapshotCheck.check(1L, snapshot.build(), WALL_MILLIS))
                .isInstanceOfSatisfying(
                        RefusedSnapshotException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    static Stream<Arguments> odd() {
        return Stream.of(
                Arguments.of(client(1).setObservedAt(START.plusSeconds(86_400)), SnapshotCorrection.OBSERVED_AT),
                Arguments.of(client(1).setObservedAt(Instant.EPOCH), SnapshotCorrection.OBSERVED_AT),
                Arguments.of(client(1).setObservedAt(Instant.MAX), SnapshotCorrection.OBSERVED_AT),
                Arguments.of(client(1).setStartedAt(Instant.MIN), SnapshotCorrection.STARTED_AT),
                Arguments.of(client(1).setStartedAt(START.plusSeconds(5)), SnapshotCorrection.STARTED_AT),
                Arguments.of(client(1).setStartedAt(Instant.EPOCH.minusSeconds(1)), SnapshotCorrection.STARTED_AT),
                Arguments.of(client(1).setRole(Role.UNKNOWN), SnapshotCorrection.ROLE),
                Arguments.of(client(1).setState(ConnectionState.UNKNOWN), SnapshotCorrection.STATE));
    }

    @ParameterizedTest
    @MethodSource("odd")
    void implausibleSnapshotIsCorrected(ConnectionSnapshot.Builder snapshot, SnapshotCorrection correction) {
        CheckedSnapshot report = SnapshotCheck.check(1L, snapshot.build(), WALL_MILLIS);

        assertThat(report.corrections()).containsExactly(correction);
        assertThat(report.half().lifecycle().startedAt())
                .isLessThanOrEqualTo(report.half().observedAt());
        assertThat(report.half().observedAt()).isLessThanOrEqualTo(WALL_MILLIS * 1000);
    }

    @Test
    void recordWithoutKeyOrValueIsRefused() {
        assertThatThrownBy(() -> SnapshotCheck.check(null, client(1).build(), WALL_MILLIS))
                .hasMessageContaining("key");
        assertThatThrownBy(() -> SnapshotCheck.check(1L, null, WALL_MILLIS)).hasMessageContaining("value");
    }

    @Test
    void validSnapshotNeedsNoCorrection() {
        assertThat(SnapshotCheck.check(1L, client(1).build(), WALL_MILLIS).corrections())
                .isEmpty();
    }
}
