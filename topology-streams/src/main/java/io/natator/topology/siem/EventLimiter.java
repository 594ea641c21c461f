package io.natator.topology.siem;

/**
 * At most so many events per second of wall clock, over all tasks of an instance. A tenth of them is kept for those that
 * were folded before: they leave also while too many go on to come. Thread-safe.
 */
final class EventLimiter {
    private static final int FOLDED_SHARE = 10;

    private final int limit;
    private final int liveLimit;
    private long second = Long.MIN_VALUE;
    private int used;

    EventLimiter(int limit) {
        this.limit = limit;
        liveLimit = limit == 1 ? 1 : limit - Math.max(1, limit / FOLDED_SHARE);
    }

    /** Whether one more event may leave as it is. */
    boolean admits(long wallMillis) {
        return tryAcquire(wallMillis, liveLimit);
    }

    /** Whether one more event may leave that stands for folded ones. */
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
