package io.natator.topology.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Caches the values of a store of one task. Recently used values and all changes stay in memory. {@link #flush} writes
 * each changed value once, even if it has changed several times. The cache of Kafka Streams is not used, because it
 * contains encoded bytes: it would decode a value at each access and encode it at each change. Values must be
 * immutable. Must be used by one thread.
 */
public final class WriteBackCache<K, V> {
    private final KeyValueStore<K, V> store;
    private final Recent<K, V> recent;
    private final Map<K, Change<V>> changes = new HashMap<>();

    /**
     * A change that is not written yet: the value of a key in the store, and the value that {@link #flush} will write.
     * Null if there is no value.
     */
    private static final class Change<V> {
        private final @Nullable V before;
        private @Nullable V now;

        Change(@Nullable V before, @Nullable V now) {
            this.before = before;
            this.now = now;
        }
    }

    /** A map that evicts the least recently used value above its capacity. */
    private static final class Recent<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1;
        private final int capacity;

        Recent(int capacity) {
            super(16, 0.75f, true);
            this.capacity = capacity;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > capacity;
        }
    }

    /** Is informed before a changed value is written to the store. */
    interface Listener<K, V> {
        void changing(K key, @Nullable V before);
    }

    /**
     * Creates a cache of a store. Only this cache is allowed to write to the store.
     *
     * @param capacity maximum number of cached values, without the changes that are not written yet
     */
    public WriteBackCache(KeyValueStore<K, V> store, int capacity) {
        this.store = store;
        recent = new Recent<>(capacity);
    }

    /** Returns the value of a key, including changes that are not written yet; null if there is none. */
    public @Nullable V get(K key) {
        Change<V> change = changes.get(key);
        if (change != null) {
            return change.now;
        }
        V value = recent.get(key);
        if (value == null) {
            value = store.get(key);
            if (value != null) {
                recent.put(key, value);
            }
        }
        return value;
    }

    /**
     * Sets the value of a key whose present value the caller has just read.
     *
     * @param current the value that {@link #get} returned
     * @param value the new value; null to delete the key
     */
    public void put(K key, @Nullable V current, @Nullable V value) {
        Change<V> change = changes.get(key);
        if (change == null) {
            changes.put(key, new Change<>(current, value));
        } else {
            change.now = value;
        }
    }

    /** The number of changed values that are not written yet. */
    public int unwritten() {
        return changes.size();
    }

    public void flush() {
        flush((key, before) -> {});
    }

    void flush(Listener<K, V> listener) {
        if (changes.isEmpty()) {
            return;
        }
        List<KeyValue<K, V>> writes = new ArrayList<>(changes.size());
        changes.forEach((key, change) -> {
            if (change.now == null) {
                recent.remove(key);
            } else {
                recent.put(key, change.now);
            }
            if (change.before != null || change.now != null) {
                listener.changing(key, change.before);
                writes.add(new KeyValue<>(key, change.now));
            }
        });
        changes.clear();
        store.putAll(writes);
    }
}
