package io.natator.collector;

/**
 * When periodic work is due. The times lie on a fixed grid; a time that was overrun is skipped and never queued. Not thread-safe.
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

    /** The work was done: it is due again at the next time of the grid. */
    void done(long nowNanos) {
        long behind = Math.max(0, nowNanos - nextNanos);
        nextNanos += periodNanos * (behind / periodNanos + 1);
    }

    long nextNanos() {
        return nextNanos;
    }
}
