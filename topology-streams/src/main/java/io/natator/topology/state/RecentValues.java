package io.natator.topology.state;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * A store of one task with the values it has used last at hand: Kafka Streams' own cache holds bytes, which would be
 * decoded for every look. Everything is written through at once. Values are never changed in place. One thread.
 */
public final class RecentValues<K, V> {
    private final KeyValueStore<K, V> store;
    private final Recent<K, V> recent;

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

    /**
     * A store as its task sees it; nothing else may write to it.
     *
     * @param capacity how many values are at hand
     */
    public RecentValues(KeyValueStore<K, V> store, int capacity) {
        this.store = store;
        recent = new Recent<>(capacity);
    }

    /** The value, null if there is none. */
    public @Nullable V get(K key) {
        V value = recent.get(key);
        if (value == null) {
            value = store.get(key);
            if (value != null) {
                recent.put(key, value);
            }
        }
        return value;
    }

    /** Keeps a value. */
    public void put(K key, V value) {
        recent.put(key, value);
        store.put(key, value);
    }

    /** Takes a value out. */
    public void delete(K key) {
        recent.remove(key);
        store.delete(key);
    }
}
