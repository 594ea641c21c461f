package io.natator.topology.ledger;

/**
 * How far one half of a connection is.
 *
 * @param startedAt when the connection was opened, in microseconds since the epoch
 * @param failure the {@code CloseReason} of a failure or reset, empty for none
 */
record Lifecycle(long startedAt, Phase phase, String failure) {
    boolean hasEnded() {
        return phase != Phase.OPEN;
    }

    /** The state after another report of the same socket: the first end that was reported stays. */
    Lifecycle after(Lifecycle report) {
        return hasEnded() || !report.hasEnded() ? this : new Lifecycle(startedAt, report.phase, report.failure);
    }
}
