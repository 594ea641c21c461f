package io.natator.collector.dns;

/** A token bucket. Not thread-safe. */
final class RateLimit {
    private static final double NANOS_PER_SECOND = 1e9;

    private final int perSecond;
    private final int burst;
    private double left;
    private long filledAtNanos;

    /**
     * A full bucket.
     *
     * @param perSecond rate at which tokens are added
     * @param burst maximum number of tokens
     */
    RateLimit(int perSecond, int burst, long nowNanos) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.left = burst;
        this.filledAtNanos = nowNanos;
    }

    boolean tryAcquire(long nowNanos) {
        left = Math.min(burst, left + (nowNanos - filledAtNanos) / NANOS_PER_SECOND * perSecond);
        filledAtNanos = nowNanos;
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
