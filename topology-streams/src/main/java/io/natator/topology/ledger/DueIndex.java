package io.natator.topology.ledger;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Orders the keys of ledger entries by the time of their next check, so that finding the entries that are due needs no
 * scan of the ledger. Changes stay in memory until {@link #flush} writes them. Most connections are named as soon as
 * both halves are reported; their first due time is scheduled and cancelled before it is ever written. One thread.
 */
final class DueIndex {
    private static final byte[] PRESENT = {};

    private final KeyValueStore<Bytes, byte[]> store;

    /** Items that {@link #flush} adds to the store (true) or removes from it (false). */
    private final Map<Due, Boolean> changes = new HashMap<>();

    /**
     * The store has no items before this time, in microseconds since the epoch. Reading starts here, because skipping
     * the tombstones of deleted items is slow.
     */
    private long emptyBefore;

    DueIndex(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /**
     * An entry that is due at a time.
     *
     * @param at microseconds since the epoch
     * @param key the entry's key in the ledger
     */
    record Due(long at, long key) {
        static Due of(long key, Entry entry) {
            return new Due(entry.dueAt(), key);
        }
    }

    void schedule(Due item) {
        change(item, true);
        emptyBefore = Math.min(emptyBefore, item.at());
    }

    void cancel(Due item) {
        change(item, false);
    }

    /** The opposite of a change that is not written yet only undoes it. */
    private void change(Due item, boolean present) {
        if (changes.remove(item) == null) {
            changes.put(item, present);
        }
    }

    /** Writes the changes to the store. */
    void flush() {
        if (changes.isEmpty()) {
            return;
        }
        List<KeyValue<Bytes, byte[]>> writes = new ArrayList<>(changes.size());
        changes.forEach((item, present) -> writes.add(new KeyValue<>(bytes(item), present ? PRESENT : null)));
        changes.clear();
        store.putAll(writes);
    }

    /** Removes and returns items that are due, at most {@code limit}, in order of time. */
    List<Due> poll(long now, int limit) {
        List<Due> due = new ArrayList<>();
        if (now < emptyBefore) {
            return due;
        }
        flush();
        try (KeyValueIterator<Bytes, byte[]> items =
                store.range(bytes(new Due(emptyBefore, 0)), bytes(new Due(now, -1)))) {
            while (items.hasNext() && due.size() < limit) {
                ByteBuffer key = ByteBuffer.wrap(items.next().key.get());
                due.add(new Due(key.getLong(), key.getLong()));
            }
        }
        due.forEach(this::cancel);
        emptyBefore = due.size() < limit ? now : due.getLast().at();
        return due;
    }

    /** Bytes in the order of time; keys of equal times are in unsigned order, so -1 is the last. */
    private static Bytes bytes(Due item) {
        return Bytes.wrap(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(item.at())
                .putLong(item.key())
                .array());
    }
}
