package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;

/**
 * Whether and how one end of a connection has ended.
 *
 * @param startedAt when the connection was opened, in microseconds since the epoch
 * @param failure the {@code CloseReason} of a failure or reset, empty for none
 */
record Lifecycle(long startedAt, Phase phase, String failure) {
    /**
     * Creates the lifecycle that a snapshot reports.
     *
     * @param startedAt the start time after its correction, in microseconds since the epoch
     */
    static Lifecycle of(ConnectionSnapshot snapshot, long startedAt) {
        return new Lifecycle(startedAt, phase(snapshot.getState()), FailureReasons.of(snapshot.getCloseReason()));
    }

    boolean hasEnded() {
        return phase != Phase.OPEN;
    }

    /**
     * Merges another report of the same socket. If several reports say that the connection has ended at this end, the
     * first one is used.
     */
    Lifecycle after(Lifecycle report) {
        return hasEnded() || !report.hasEnded() ? this : new Lifecycle(startedAt, report.phase, report.failure);
    }

    private static Phase phase(ConnectionState state) {
        return switch (state) {
            case UNKNOWN, OPEN -> Phase.OPEN;
            case CLOSED -> Phase.CLOSED;
            case FAILED -> Phase.FAILED;
            case FOLDED -> Phase.FOLDED;
        };
    }
}
