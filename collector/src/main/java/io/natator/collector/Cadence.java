package io.natator.collector;

/**
 * Decides when periodic work is due: at a first time, and then once per period. If the work takes longer than a period,
 * it is not repeated for the times that have passed. Not thread-safe.
 */
final class Cadence {
    private final long periodNanos;
    private long nextNanos;

    /**
     * Creates a cadence. All times are nanoseconds of the same monotonic clock; the caller chooses the clock.
     *
     * @param periodNanos time between two runs of the work, positive
     * @param firstNanos when the work is first due
     */
    Cadence(long periodNanos, long firstNanos) {
        this.periodNanos = periodNanos;
        this.nextNanos = firstNanos;
    }

    boolean isDue(long nowNanos) {
        return nowNanos - nextNanos >= 0;
    }

    /**
     * Sets when the work is due next: a whole number of periods after the time at which it was last due. Call it when
     * the work is done.
     */
    void done(long nowNanos) {
        long behind = Math.max(0, nowNanos - nextNanos);
        nextNanos += periodNanos * (behind / periodNanos + 1);
    }

    long nextNanos() {
        return nextNanos;
    }
}
