package io.natator.collector.handover;

import java.time.Duration;

/**
 * Detects outages of Kafka. An outage begins when records have waited for 5 s in which Kafka acknowledged none. It ends
 * when Kafka acknowledges a record, or when no record waits. The caller passes the time. One thread calls
 * {@link #observe} and {@link #sinceNanos}; any thread can call the other methods.
 */
public final class OutageWatch {
    /** What has changed since the previous observation. */
    public enum Change {
        /** Nothing has changed. */
        NONE,
        /** An outage has begun. */
        BEGAN,
        /** The outage has ended. */
        ENDED
    }

    /** An outage begins when records have waited for this time without an acknowledgement. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final long patienceNanos;
    private long sinceNanos;
    private volatile boolean out;

    /** Creates a watch. At first there is no outage. */
    public OutageWatch(long nowNanos) {
        this(PATIENCE.toNanos(), nowNanos);
    }

    OutageWatch(long patienceNanos, long nowNanos) {
        this.patienceNanos = patienceNanos;
        this.sinceNanos = nowNanos;
    }

    /**
     * Updates the state, and returns whether an outage has begun or ended.
     *
     * @param waiting whether any record waits for an acknowledgement of Kafka
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

    /**
     * Returns the later of two times: the last acknowledgement by Kafka, and the last time at which no record waited for
     * one. During an
     * outage, and in the call that reports its end, this is the start of the outage.
     */
    public long sinceNanos() {
        return sinceNanos;
    }

    /**
     * Whether only opens and closes should be sent. This is the case during an outage, because the producer's buffer is
     * reserved for them. Counters of open connections are cumulative, so a snapshot after the outage replaces the
     * missing ones.
     */
    public boolean sendsEventsOnly() {
        return out;
    }

    /** Whether there is an outage now. */
    public boolean isOut() {
        return out;
    }
}
