package io.natator.collector.dns;

/** Limits how many names are published: 50 per second, in bursts of up to 1,000. A token bucket. Not thread-safe. */
final class RateLimit {
    private static final int PER_SECOND = 50;
    private static final int BURST = 1_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private double tokens = BURST;
    private long filledAtNanos;

    /** Starts with a full bucket. */
    RateLimit(long nowNanos) {
        this.filledAtNanos = nowNanos;
    }

    /** Returns whether one more name may be published now, and counts this name if so. */
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
