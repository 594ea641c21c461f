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
 * Finds the ledger entries whose time for a check has come (that are due). The index sorts the keys of entries by due
 * time, so finding them needs no scan of the ledger. Changes stay in memory until {@link #flush} writes them. Most
 * connections are named soon, so their first due time is added and removed again in memory, and never written. Must be
 * used by one thread.
 */
final class DueIndex {
    private static final byte[] PRESENT = {};

    /** The first key in the order of the store, which compares keys as unsigned numbers. The last key is -1. */
    private static final long FIRST_KEY = 0;

    private static final long LAST_KEY = -1;

    private final KeyValueStore<Bytes, byte[]> store;

    /**
     * Changes of the index that are not written yet. {@link #flush} adds an item with the value true to the store, and
     * removes an item with the value false.
     */
    private final Map<Due, Boolean> changes = new HashMap<>();

    /**
     * The store has no items before this time, in microseconds since the epoch. {@link #poll} starts to read here,
     * because RocksDB is slow at skipping the tombstones of deleted items.
     */
    private long emptyBefore;

    DueIndex(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /**
     * The key of an entry and the time of its next check. {@link Due#dueAt} names both numbers at construction.
     *
     * @param at time of the check, in microseconds since the epoch
     * @param key the entry's key in the ledger
     */
    record Due(long at, long key) {
        static Time dueAt(long micros) {
            return new Time(micros);
        }

        static Due of(long key, Entry entry) {
            return dueAt(entry.dueAt()).key(key);
        }

        /** A due time whose key is not set yet; {@link Time#key} sets it. */
        record Time(long micros) {
            Due key(long key) {
                return new Due(micros, key);
            }
        }
    }

    void schedule(Due item) {
        change(item, true);
        emptyBefore = Math.min(emptyBefore, item.at());
    }

    void cancel(Due item) {
        change(item, false);
    }

    /** Notes a change. If the opposite change of the same item is not written yet, both are dropped. */
    private void change(Due item, boolean present) {
        if (changes.remove(item) == null) {
            changes.put(item, present);
        }
    }

    /** Writes the changes in memory to the store. */
    void flush() {
        if (changes.isEmpty()) {
            return;
        }
        List<KeyValue<Bytes, byte[]>> writes = new ArrayList<>(changes.size());
        changes.forEach((item, present) -> writes.add(new KeyValue<>(bytes(item), present ? PRESENT : null)));
        changes.clear();
        store.putAll(writes);
    }

    /**
     * Removes at most {@code limit} items whose due time has come, earliest first, and returns them in this order.
     *
     * @param now microseconds since the epoch
     */
    List<Due> poll(long now, int limit) {
        List<Due> due = new ArrayList<>();
        if (now < emptyBefore) {
            return due;
        }
        flush();
        try (KeyValueIterator<Bytes, byte[]> items = store.range(
                bytes(Due.dueAt(emptyBefore).key(FIRST_KEY)),
                bytes(Due.dueAt(now).key(LAST_KEY)))) {
            while (items.hasNext() && due.size() < limit) {
                ByteBuffer key = ByteBuffer.wrap(items.next().key.get());
                due.add(Due.dueAt(key.getLong()).key(key.getLong()));
            }
        }
        due.forEach(this::cancel);
        emptyBefore = due.size() < limit ? now : due.getLast().at();
        return due;
    }

    /** Encodes an item as big-endian bytes, so that the store orders items by time and then by unsigned key. */
    private static Bytes bytes(Due item) {
        return Bytes.wrap(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(item.at())
                .putLong(item.key())
                .array());
    }
}
