package io.natator.collector;

/**
 * When something periodic is due. The times lie on a fixed grid; one that was overrun is skipped, not made up for. Not
 * thread-safe.
 */
final class Cadence {
    private final long periodNanos;
    private long nextNanos;

    /**
     * A cadence.
     *
     * @param periodNanos positive
     * @param firstNanos when it is due first
     */
    Cadence(long periodNanos, long firstNanos) {
        this.periodNanos = periodNanos;
        this.nextNanos = firstNanos;
    }

    boolean isDue(long nowNanos) {
        return nowNanos - nextNanos >= 0;
    }

    /** It was done: next due at the first time of the grid that is still to come. */
    void done(long nowNanos) {
        long behind = Math.max(0, nowNanos - nextNanos);
        nextNanos += periodNanos * (behind / periodNanos + 1);
    }

    long nextNanos() {
        return nextNanos;
    }
}
