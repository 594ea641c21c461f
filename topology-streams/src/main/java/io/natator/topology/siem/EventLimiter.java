package io.natator.topology.siem;

/**
 * Limits the events that all tasks of an instance publish per second of the wall clock. A tenth of the limit is
 * reserved for folded events, each of which is the sum of several events. So folded events are published even while too
 * many events arrive. Thread-safe.
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

    /** Whether one more event that is not folded may be published in this second. */
    boolean admits(long wallMillis) {
        return tryAcquire(wallMillis, liveLimit);
    }

    /** Whether one more folded event may be published in this second. */
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
