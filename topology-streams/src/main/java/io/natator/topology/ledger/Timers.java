package io.natator.topology.ledger;

/**
 * Times of an entry, in microseconds of the ledger's clock. {@link #firstReportedAt}, {@link #reportedAt} and
 * {@link #dueAt(long)} name the times at construction.
 *
 * @param firstReportedAt when the connection was first reported. The wait for its link starts then
 * @param lastReportedAt when the connection was last reported
 * @param dueAt when the entry is checked next, if no report comes before
 */
record Timers(long firstReportedAt, long lastReportedAt, long dueAt) {
    /**
     * The times of an entry whose connection is reported for the first time. The next check is due at once;
     * {@link #dueAt(long)} sets another time.
     */
    static Timers firstReportedAt(long now) {
        return new Timers(now, now, now);
    }

    Timers reportedAt(long now) {
        return new Timers(firstReportedAt, now, dueAt);
    }

    Timers dueAt(long time) {
        return new Timers(firstReportedAt, lastReportedAt, time);
    }
}
