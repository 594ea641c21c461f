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
 * Finds the ledger entries whose next check is due. The index orders the keys of entries by due time, so no scan of the
 * ledger is needed. Changes stay in memory until {@link #flush} writes them. Most connections are named soon, so their
 * first due time is scheduled and cancelled before it is ever written. Must be used by one thread.
 */
final class DueIndex {
    private static final byte[] PRESENT = {};

    /** Keys are stored as unsigned numbers, so 0 is the first key and -1 the last. */
    private static final long FIRST_KEY = 0;

    private static final long LAST_KEY = -1;

    private final KeyValueStore<Bytes, byte[]> store;

    /** Items that {@link #flush} will add to the store (true) or remove from the store (false). */
    private final Map<Due, Boolean> changes = new HashMap<>();

    /**
     * The store has no items before this time, in microseconds since the epoch. {@link #poll} starts to read at this
     * time, because RocksDB skips the tombstones of deleted items slowly.
     */
    private long emptyBefore;

    DueIndex(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /**
     * An entry and the time of its next check. {@link Due#dueAt} names both numbers at construction.
     *
     * @param at microseconds since the epoch
     * @param key the entry's key in the ledger
     */
    record Due(long at, long key) {
        static Time dueAt(long micros) {
            return new Time(micros);
        }

        static Due of(long key, Entry entry) {
            return dueAt(entry.dueAt()).key(key);
        }

        /** A due time that needs the key of an entry. */
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

    /** If the opposite change is not written yet, the two changes cancel each other out. */
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

    /**
     * Removes the items that are due, at most {@code limit}, and returns them in the order of their times.
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
