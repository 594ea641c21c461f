package io.natator.collector.dns;

/**
 * Limits how many names are published: 50 per second, in bursts of at most 1,000. It is a token bucket. Not
 * thread-safe.
 */
final class RateLimit {
    private static final int PER_SECOND = 50;
    private static final int BURST = 1_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private double tokens = BURST;
    private long filledAtNanos;

    /** Creates a limit whose token bucket is full. */
    RateLimit(long nowNanos) {
        this.filledAtNanos = nowNanos;
    }

    /** Returns whether the limit permits one more name now. If so, the name counts as published. */
    boolean tryAcquire(long nowNanos) {
        tokens = Math.min(BURST, tokens + (nowNanos - filledAtNanos) / NANOS_PER_SECOND * PER_SECOND);
        filledAtNanos = nowNanos;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
