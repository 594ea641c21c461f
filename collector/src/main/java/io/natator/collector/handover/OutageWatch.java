package io.natator.collector.handover;

/**
 * Notices when Kafka has left something waiting for too long, and when it has not any more. A state machine without a
 * clock of its own; one thread calls {@link #observe}, any may read.
 */
public final class OutageWatch {
    /** What an observation changed. */
    public enum Change {
        /** Nothing. */
        NONE,
        /** Something has been waiting for the whole patience: an outage begins. */
        BEGAN,
        /** The outage is over. */
        ENDED
    }

    private final long patienceNanos;
    private long sinceNanos;
    private volatile boolean out;

    /**
     * A watch that has seen nothing wait.
     *
     * @param patienceNanos how long something may wait without progress
     * @param nowNanos now
     */
    public OutageWatch(long patienceNanos, long nowNanos) {
        this.patienceNanos = patienceNanos;
        this.sinceNanos = nowNanos;
    }

    /**
     * Tells the watch how things are.
     *
     * @param waiting whether anything waits for Kafka
     * @param progressNanos when Kafka last acknowledged something
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

    /** Since when nothing moved: the start of the outage while there is one, and just after it ended. */
    public long sinceNanos() {
        return sinceNanos;
    }

    /** Whether there is an outage. */
    public boolean isOut() {
        return out;
    }
}
