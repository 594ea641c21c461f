package io.natator.topology.ledger;

/**
 * Times of an entry, in microseconds of the ledger's clock. {@link #firstReportedAt} and {@link #dueAt(long)} name the
 * times at construction.
 *
 * @param lastReportedAt when the connection was last reported
 * @param dueAt when the entry is checked next, if no report comes before
 */
record Timers(long lastReportedAt, long dueAt) {
    /**
     * The times of an entry whose connection is reported for the first time. The next check is due at once;
     * {@link #dueAt(long)} sets another time.
     */
    static Timers firstReportedAt(long now) {
        return new Timers(now, now);
    }

    Timers reportedAt(long now) {
        return new Timers(now, dueAt);
    }

    Timers dueAt(long time) {
        return new Timers(lastReportedAt, time);
    }
}
