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
 * A store of one task by its values: those used last are at hand, and what changes is written when {@link #flush} is
 * called, once however often it has changed. Kafka Streams' own cache holds bytes, which would be decoded for every look
 * and encoded for every change. Values are never changed in place. One thread.
 */
public final class WriteBackCache<K, V> {
    private final KeyValueStore<K, V> store;
    private final Recent<K, V> recent;
    private final Map<K, Change<V>> changes = new HashMap<>();

    /** A value as it is in the store, and as it is to be; null for none. */
    private static final class Change<V> {
        private final @Nullable V before;
        private @Nullable V now;

        Change(@Nullable V before, @Nullable V now) {
            this.before = before;
            this.now = now;
        }
    }

    /** The eldest leaves when there are too many. */
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

    /** Is told of a change before it is written. */
    interface Listener<K, V> {
        void changing(K key, @Nullable V before);
    }

    /**
     * A store as its task sees it; nothing else may write to it.
     *
     * @param capacity how many values are at hand besides those that are not written yet
     */
    public WriteBackCache(KeyValueStore<K, V> store, int capacity) {
        this.store = store;
        recent = new Recent<>(capacity);
    }

    /** The value, null if there is none. */
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
     * Changes a value that has been read just now.
     *
     * @param current what {@link #get} says
     * @param value null to take it out
     */
    public void put(K key, @Nullable V current, @Nullable V value) {
        Change<V> change = changes.get(key);
        if (change == null) {
            changes.put(key, new Change<>(current, value));
        } else {
            change.now = value;
        }
    }

    /** How many values are not written yet. */
    public int unwritten() {
        return changes.size();
    }

    /** Writes what has changed. */
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
