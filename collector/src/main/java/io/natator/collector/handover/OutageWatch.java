package io.natator.collector.handover;

/**
 * Detects outages of Kafka: an outage begins when records have waited for a given time without an acknowledgement. A state
 * machine without a clock. One thread calls {@link #observe}; any thread may read {@link #isOut}.
 */
public final class OutageWatch {
    /** The result of an observation. */
    public enum Change {
        /** No change. */
        NONE,
        /** An outage has begun. */
        BEGAN,
        /** The outage has ended. */
        ENDED
    }

    private final long patienceNanos;
    private long sinceNanos;
    private volatile boolean out;

    /**
     * A watch that starts without an outage.
     *
     * @param patienceNanos how long records may wait without progress
     * @param nowNanos now
     */
    public OutageWatch(long patienceNanos, long nowNanos) {
        this.patienceNanos = patienceNanos;
        this.sinceNanos = nowNanos;
    }

    /**
     * Observes the current state.
     *
     * @param waiting whether any record waits for Kafka
     * @param progressNanos when Kafka last acknowledged a record
     */
    public Change observe(boolean waiting, long progressNanos, long nowNanos) {
        if (out) {
            if (waiting && progressNanos - sinceNanos <= 0) {
                return Change.NONE;
            }
            out = false;
            return Change.ENDED;
        }
        if (!waiting) {
            sinceNanos = nowNanos;
        } else if (progressNanos - sinceNanos > 0) {
            sinceNanos = progressNanos;
        }
        if (nowNanos - sinceNanos < patienceNanos) {
            return Change.NONE;
        }
        out = true;
        return Change.BEGAN;
    }

    /** The time of the last progress: during an outage and just after it, the start of the outage. */
    public long sinceNanos() {
        return sinceNanos;
    }

    /** Whether there is an outage. */
    public boolean isOut() {
        return out;
    }
}
