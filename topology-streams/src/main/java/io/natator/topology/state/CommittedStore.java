package io.natator.topology.state;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * A state store of one task. Other threads read its values as they were after the last committed transaction. If the
 * running transaction changes a value, the previous value stays in memory until the commit. To limit this memory, the
 * store requests a commit after {@link #MAX_UNCOMMITTED} changes.
 *
 * <p>The task's thread sees its own uncommitted changes. Values must be immutable.
 */
public final class CommittedStore<K extends Comparable<? super K>, V> {
    /** Number of changes in one transaction after which the store requests a commit from Kafka Streams. */
    static final int MAX_UNCOMMITTED = 20_000;

    /**
     * Maximum number of values in the cache, at about 1 KiB each. This is about the number of links that have traffic
     * at the same time.
     */
    private static final int RECENT_VALUES = 2_000;

    private final KeyValueStore<K, V> store;
    private final WriteBackCache<K, V> values;
    private final Runnable commit;
    private final Thread owner = Thread.currentThread();

    private volatile Transaction<K, V> running = new Transaction<>();

    private volatile boolean closed;

    /** Whether a commit has already been requested for the running transaction. */
    private boolean full;

    /** One transaction, with the previous values of the keys that it has changed in the store. */
    private static final class Transaction<K, V> {
        private final Map<K, Earlier<V>> before = new ConcurrentHashMap<>();
    }

    /** The value that a key had before the transaction; null if the store did not contain the key. */
    private record Earlier<V>(@Nullable V value) {}

    /**
     * Wraps a store. All its present contents must be committed.
     *
     * @param commit requests a commit from Kafka Streams
     */
    CommittedStore(KeyValueStore<K, V> store, Runnable commit) {
        this.store = store;
        values = new WriteBackCache<>(store, RECENT_VALUES);
        this.commit = commit;
    }

    /** Returns the value of a key, including the task's uncommitted changes. Must be called by the task's thread. */
    public @Nullable V get(K key) {
        return values.get(key);
    }

    /**
     * Returns all entries, including the task's uncommitted changes. The caller closes the iterator. Must be called by
     * the task's thread.
     */
    public KeyValueIterator<K, V> all() {
        flush();
        return store.all();
    }

    /**
     * Returns the entries of a range of keys, both ends inclusive, including the task's uncommitted changes. The caller
     * closes the iterator. Must be called by the task's thread.
     *
     * @param from first key; null for the first key of the store
     * @param to last key; null for the last key of the store
     */
    public KeyValueIterator<K, V> range(@Nullable K from, @Nullable K to) {
        flush();
        return store.range(from, to);
    }

    /** Sets the value of a key. Must be called by the task's thread. */
    public void put(K key, V value) {
        change(key, values.get(key), value);
    }

    /**
     * Sets the value of a key whose present value the caller has just read. Must be called by the task's thread.
     *
     * @param current the value that {@link #get} returned
     */
    public void put(K key, @Nullable V current, V value) {
        change(key, current, value);
    }

    /** Deletes a value and returns it. Must be called by the task's thread. */
    public @Nullable V delete(K key) {
        @Nullable V current = values.get(key);
        change(key, current, null);
        return current;
    }

    private void change(K key, @Nullable V current, @Nullable V value) {
        values.put(key, current, value);
        if (!full && values.unwritten() + running.before.size() >= MAX_UNCOMMITTED) {
            full = true;
            commit.run();
        }
    }

    /** Writes the changes in memory to the store. The task's thread calls this before each commit. */
    public void flush() {
        // The previous value is saved first: a reader that sees the new value must also find the committed value.
        Map<K, Earlier<V>> before = running.before;
        values.flush((key, earlier) -> before.putIfAbsent(key, new Earlier<>(earlier)));
    }

    /**
     * Returns the committed value of a key; null if there is none. Any thread can call this.
     *
     * @throws InvalidStateStoreException if the task has left this instance
     */
    public @Nullable V committed(K key) {
        while (true) {
            Transaction<K, V> uncommitted = running;
            @Nullable V current = store.get(key);
            @Nullable Earlier<V> earlier = uncommitted.before.get(key);
            if (uncommitted == running) { // Otherwise a commit happened between the two reads, so both are repeated.
                requireOpen();
                return earlier == null ? current : earlier.value();
            }
        }
    }

    /**
     * Returns all committed values, in no particular order. If a commit happens during the call, each value is either
     * from before or from after the commit. Any thread can call this.
     *
     * @throws InvalidStateStoreException if the task has left this instance
     */
    public Map<K, V> committed() {
        return committed(store::all, key -> true);
    }

    /** Returns the committed values of a range of keys, both ends inclusive. Any thread can call this. */
    public Map<K, V> committed(K from, K to) {
        return committed(() -> store.range(from, to), key -> key.compareTo(from) >= 0 && key.compareTo(to) <= 0);
    }

    private Map<K, V> committed(Supplier<KeyValueIterator<K, V>> stored, Predicate<K> wanted) {
        Transaction<K, V> uncommitted = running;
        Map<K, V> values = new HashMap<>();
        Set<K> changed = new HashSet<>();
        try (KeyValueIterator<K, V> items = stored.get()) {
            while (items.hasNext()) {
                var item = items.next();
                if (uncommitted.before.containsKey(item.key) || uncommitted != running) {
                    // This value can be uncommitted or outdated, so it is read again below.
                    changed.add(item.key);
                } else {
                    values.put(item.key, item.value);
                }
            }
        }
        // These keys include keys that the running transaction has deleted. The iterator does not return them.
        changed.addAll(uncommitted.before.keySet());
        changed.addAll(running.before.keySet());
        for (K key : changed) {
            @Nullable V value = wanted.test(key) ? committed(key) : null;
            if (value == null) {
                values.remove(key);
            } else {
                values.put(key, value);
            }
        }
        requireOpen();
        return values;
    }

    private void requireOpen() {
        if (closed) {
            throw new InvalidStateStoreException("the partition has left");
        }
    }

    /** Marks all changes so far as committed if {@code thread} is the task's thread; otherwise does nothing. */
    void committedBy(Thread thread) {
        if (thread != owner) {
            return;
        }
        full = false;
        if (!running.before.isEmpty()) {
            running = new Transaction<>();
        }
    }

    /** Makes the store unreadable for other threads, because from now on it is unknown which changes are committed. */
    void close() {
        closed = true;
    }
}
