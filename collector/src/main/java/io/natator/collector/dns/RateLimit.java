package io.natator.collector.dns;

/** A bucket that fills with time and is emptied one by one. Not thread-safe. */
final class RateLimit {
    private static final double NANOS_PER_SECOND = 1e9;

    private final int perSecond;
    private final int burst;
    private double left;
    private long filledAtNanos;

    /**
     * A full bucket.
     *
     * @param perSecond how many are let through in the long run
     * @param burst how many at once
     */
    RateLimit(int perSecond, int burst, long nowNanos) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.left = burst;
        this.filledAtNanos = nowNanos;
    }

    boolean isLetThrough(long nowNanos) {
        left = Math.min(burst, left + (nowNanos - filledAtNanos) / NANOS_PER_SECOND * perSecond);
        filledAtNanos = nowNanos;
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
