package io.natator.topology.ledger;

/**
 * Times of an entry, in microseconds of the ledger's clock.
 *
 * @param lastReportedAt when its connection was last reported
 * @param dueAt when the entry is checked next, even without a report
 */
record Timers(long lastReportedAt, long dueAt) {
    Timers reportedAt(long now) {
        return new Timers(now, dueAt);
    }

    Timers dueAt(long time) {
        return new Timers(lastReportedAt, time);
    }
}
