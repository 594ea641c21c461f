package io.natator.topology.ledger;

/**
 * Whether and how one half of a connection has ended.
 *
 * @param startedAt when the connection was opened, in microseconds since the epoch
 * @param failure the {@code CloseReason} of a failure or reset, empty for none
 */
record Lifecycle(long startedAt, Phase phase, String failure) {
    boolean hasEnded() {
        return phase != Phase.OPEN;
    }

    /**
     * Merges another report of the same socket. If several reports say that the half has ended, the first one counts.
     */
    Lifecycle after(Lifecycle report) {
        return hasEnded() || !report.hasEnded() ? this : new Lifecycle(startedAt, report.phase, report.failure);
    }
}
