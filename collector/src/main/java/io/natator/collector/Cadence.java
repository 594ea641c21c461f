package io.natator.collector;

/**
 * Decides when periodic work is due: at a first time, and then once per period. If the work takes longer than a period,
 * the due times that have passed are skipped. Not thread-safe.
 */
final class Cadence {
    private final long periodNanos;
    private long nextNanos;

    /**
     * Times are nanoseconds of any monotonic clock.
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

    /** Call it when the work is done: sets the next due time, a whole number of periods after the last one. */
    void done(long nowNanos) {
        long behind = Math.max(0, nowNanos - nextNanos);
        nextNanos += periodNanos * (behind / periodNanos + 1);
    }

    long nextNanos() {
        return nextNanos;
    }
}
