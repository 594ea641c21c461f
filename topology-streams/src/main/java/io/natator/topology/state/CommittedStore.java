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
 * A store of one task that other threads read as it was when the last transaction was committed. What a transaction
 * changes is written before its end, and remembered as it was until it is committed, so memory is bounded by the changes
 * of one: beyond a number of them a commit is asked for.
 *
 * <p>The task's own thread sees its own changes. Values are never changed in place.
 */
public final class CommittedStore<K extends Comparable<? super K>, V> {
    /** Changes of one transaction after which it is to end. */
    static final int MAX_UNCOMMITTED = 20_000;

    /** Links that are busy at the same time: bounds the heap, about 1 KiB each. */
    private static final int RECENT_VALUES = 2_000;

    private final KeyValueStore<K, V> store;
    private final WriteBackCache<K, V> values;
    private final Runnable commit;
    private final Thread owner = Thread.currentThread();

    private volatile Transaction<K, V> running = new Transaction<>();

    private volatile boolean closed;

    /** A commit has been asked for. */
    private boolean full;

    /** What the keys had that one transaction has changed in the store. */
    private static final class Transaction<K, V> {
        private final Map<K, Earlier<V>> before = new ConcurrentHashMap<>();
    }

    /** Null where there was nothing. */
    private record Earlier<V>(@Nullable V value) {}

    /**
     * A store whose values are committed now.
     *
     * @param commit asks for a commit
     */
    CommittedStore(KeyValueStore<K, V> store, Runnable commit) {
        this.store = store;
        values = new WriteBackCache<>(store, RECENT_VALUES);
        this.commit = commit;
    }

    /** The value as the task has left it. By the task's thread. */
    public @Nullable V get(K key) {
        return values.get(key);
    }

    /** All that the task has left; to be closed. By the task's thread. */
    public KeyValueIterator<K, V> all() {
        flush();
        return store.all();
    }

    /**
     * What the task has left of a range; to be closed. By the task's thread.
     *
     * @param from the first, null for the very first
     * @param to the last, null for the very last
     */
    public KeyValueIterator<K, V> range(@Nullable K from, @Nullable K to) {
        flush();
        return store.range(from, to);
    }

    /** Changes a value. By the task's thread. */
    public void put(K key, V value) {
        change(key, values.get(key), value);
    }

    /**
     * Changes a value that has been read just now. By the task's thread.
     *
     * @param current what {@link #get} says
     */
    public void put(K key, @Nullable V current, V value) {
        change(key, current, value);
    }

    /** Takes a value out and returns it. By the task's thread. */
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

    /** Writes what has been changed; to be called before each commit, by the task's thread. */
    public void flush() {
        // Before the store changes: who finds the change there has to find this too.
        Map<K, Earlier<V>> before = running.before;
        values.flush((key, earlier) -> before.putIfAbsent(key, new Earlier<>(earlier)));
    }

    /**
     * The committed value. By any thread.
     *
     * @throws InvalidStateStoreException if the task is no longer here
     */
    public @Nullable V committed(K key) {
        while (true) {
            Transaction<K, V> uncommitted = running;
            @Nullable V current = store.get(key);
            @Nullable Earlier<V> earlier = uncommitted.before.get(key);
            if (uncommitted == running) { // else a commit came between the two
                requireOpen();
                return earlier == null ? current : earlier.value();
            }
        }
    }

    /**
     * All committed values, in no order. Those that a commit meets while this is under way are of before or after it. By
     * any thread.
     *
     * @throws InvalidStateStoreException if the task is no longer here
     */
    public Map<K, V> committed() {
        return committed(store::all, key -> true);
    }

    /** The same, of the keys from the first to the last, both inclusive. */
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
                    changed.add(item.key); // what the iterator knows may be of a transaction that is over
                } else {
                    values.put(item.key, item.value);
                }
            }
        }
        // Among them what has been taken out and is not found in the store.
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

    /** The changes so far are committed, if they are those of the thread that asks. */
    void committedBy(Thread thread) {
        if (thread != owner) {
            return;
        }
        full = false;
        if (!running.before.isEmpty()) {
            running = new Transaction<>();
        }
    }

    /** From now on it cannot be read: nobody says any more which changes are committed. */
    void close() {
        closed = true;
    }
}
