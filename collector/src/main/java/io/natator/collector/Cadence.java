package io.natator.collector;

/**
 * Decides when periodic work is due. Due times are multiples of the period after the first one. If the work takes
 * longer than a period, the missed times are skipped, not queued. Not thread-safe.
 */
final class Cadence {
    private final long periodNanos;
    private long nextNanos;

    /**
     * A cadence with a fixed period.
     *
     * @param periodNanos positive
     * @param firstNanos when the work is first due
     */
    Cadence(long periodNanos, long firstNanos) {
        this.periodNanos = periodNanos;
        this.nextNanos = firstNanos;
    }

    boolean isDue(long nowNanos) {
        return nowNanos - nextNanos >= 0;
    }

    /** Call it when the work is done. The work is due again at the next multiple of the period. */
    void done(long nowNanos) {
        long behind = Math.max(0, nowNanos - nextNanos);
        nextNanos += periodNanos * (behind / periodNanos + 1);
    }

    long nextNanos() {
        return nextNanos;
    }
}
