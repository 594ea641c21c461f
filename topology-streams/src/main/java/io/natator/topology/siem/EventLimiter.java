package io.natator.topology.siem;

/**
 * Limits the number of activity events that all tasks of an instance together publish in one second of the wall clock.
 * A tenth of the limit is reserved for folded events (each is the sum of several events), so that they are published
 * even while too many events arrive. Thread-safe.
 */
public final class EventLimiter {
    private static final int FOLDED_DIVISOR = 10;

    private final int limit;
    private final int liveLimit;
    private long second = Long.MIN_VALUE;
    private int used;

    EventLimiter(int limit) {
        this.limit = limit;
        liveLimit = limit == 1 ? 1 : limit - Math.max(1, limit / FOLDED_DIVISOR);
    }

    /**
     * Whether the limit of this second permits one more event that is not folded, that is, no sum of several events.
     */
    boolean admits(long wallMillis) {
        return tryAcquire(wallMillis, liveLimit);
    }

    /** Whether the limit of this second permits one more folded event (a sum of several events). */
    boolean admitsFolded(long wallMillis) {
        return tryAcquire(wallMillis, limit);
    }

    private synchronized boolean tryAcquire(long wallMillis, int upTo) {
        long now = Math.floorDiv(wallMillis, 1000);
        if (now != second) {
            second = now;
            used = 0;
        }
        if (used >= upTo) {
            return false;
        }
        used++;
        return true;
    }
}
