package io.natator.topology.ledger;

import io.natator.topology.state.WriteBackCache;
import org.jspecify.annotations.Nullable;

/**
 * The stores of one partition of the ledger. Changes stay in memory until {@link #flush} writes them.
 *
 * @param entries entries of connections, by ledger key
 * @param due ledger keys by the time of their next check
 * @param total sum of all growth that this partition has attributed to links
 */
record LedgerStores(WriteBackCache<Long, Entry> entries, DueIndex due, LedgerTotalStore total) {
    /** Stores a changed entry, and reschedules its next check if its due time has changed. */
    void replace(long key, @Nullable Entry before, Entry after) {
        if (before == null) {
            due.schedule(DueIndex.Due.of(key, after));
        } else if (before.dueAt() != after.dueAt()) {
            due.cancel(DueIndex.Due.of(key, before));
            due.schedule(DueIndex.Due.of(key, after));
        }
        entries.put(key, before, after);
    }

    void flush() {
        entries.flush();
        due.flush();
    }
}
