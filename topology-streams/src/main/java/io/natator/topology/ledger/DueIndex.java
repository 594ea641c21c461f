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
 * Ledger keys ordered by the time at which they are to be looked at, so that no look needs a scan of the ledger. Changes
 * are written when {@link #flush} is called: most connections are named as soon as both ends have reported, and what they
 * were to wait for is never written. One thread.
 */
final class DueIndex {
    private static final byte[] PRESENT = {};

    private final KeyValueStore<Bytes, byte[]> store;

    /** Whether what the store lacks is to be added, or what it has removed. */
    private final Map<Due, Boolean> changes = new HashMap<>();

    /** Nothing is due before this: what was is deleted, and skipping its tombstones keeps the look cheap. */
    private long emptyBefore;

    DueIndex(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /**
     * An item of the index.
     *
     * @param at microseconds since the epoch
     * @param key ledger key
     */
    record Due(long at, long key) {}

    void add(long at, long key) {
        change(new Due(at, key), true);
        emptyBefore = Math.min(emptyBefore, at);
    }

    void remove(long at, long key) {
        change(new Due(at, key), false);
    }

    /** The opposite of a change that is not written yet undoes it. */
    private void change(Due item, boolean present) {
        if (changes.remove(item) == null) {
            changes.put(item, present);
        }
    }

    /** Writes what has changed. */
    void flush() {
        if (changes.isEmpty()) {
            return;
        }
        List<KeyValue<Bytes, byte[]>> writes = new ArrayList<>(changes.size());
        changes.forEach(
                (item, present) -> writes.add(new KeyValue<>(bytes(item.at(), item.key()), present ? PRESENT : null)));
        changes.clear();
        store.putAll(writes);
    }

    /** Removes and returns what is due, the earliest first. */
    List<Due> poll(long now, int limit) {
        List<Due> due = new ArrayList<>();
        if (now < emptyBefore) {
            return due;
        }
        flush();
        try (KeyValueIterator<Bytes, byte[]> items = store.range(bytes(emptyBefore, 0), bytes(now, -1L))) {
            while (items.hasNext() && due.size() < limit) {
                ByteBuffer key = ByteBuffer.wrap(items.next().key.get());
                due.add(new Due(key.getLong(), key.getLong()));
            }
        }
        due.forEach(item -> remove(item.at(), item.key()));
        emptyBefore = due.size() < limit ? now : due.getLast().at();
        return due;
    }

    /** Bytes whose unsigned order is that of the times, which are not negative. */
    private static Bytes bytes(long at, long key) {
        return Bytes.wrap(
                ByteBuffer.allocate(2 * Long.BYTES).putLong(at).putLong(key).array());
    }
}
