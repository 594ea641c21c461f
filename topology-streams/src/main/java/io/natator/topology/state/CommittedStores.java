package io.natator.topology.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state stores of this instance's tasks. Other threads read them as they were after the last committed transaction.
 * Interactive queries of Kafka Streams cannot be used instead: they return changes of the running transaction, which
 * are lost if the process dies. Thread-safe.
 */
public final class CommittedStores {
    private static final Logger log = LoggerFactory.getLogger(CommittedStores.class);

    private final Map<Address, CommittedStore<?, ?>> stores = new ConcurrentHashMap<>();

    private record Address(String name, int partition) {}

    public CommittedStores() {}

    /**
     * Opens a store of a task for reading by other threads. All contents must be committed. The task's thread calls
     * this when the task starts.
     */
    public <K extends Comparable<? super K>, V> CommittedStore<K, V> open(ProcessorContext<?, ?> context, String name) {
        KeyValueStore<K, V> store = context.getStateStore(name);
        var opened = new CommittedStore<>(store, context::commit);
        stores.put(new Address(name, context.taskId().partition()), opened);
        return opened;
    }

    /**
     * Closes a store when its task ends. It is possible that a new store of the same name and partition is already
     * open; that store stays open.
     */
    public void close(CommittedStore<?, ?> store) {
        store.close();
        stores.values().remove(store);
    }

    /**
     * Marks all changes that the calling thread has made as committed. Each stream thread calls this after each
     * transaction.
     */
    public void committed() {
        for (CommittedStore<?, ?> store : stores.values()) {
            store.committedBy(Thread.currentThread());
        }
    }

    /** The partitions of a store that this instance has, in ascending order. */
    public SortedSet<Integer> partitions(String name) {
        SortedSet<Integer> partitions = new TreeSet<>();
        for (Address address : stores.keySet()) {
            if (address.name().equals(name)) {
                partitions.add(address.partition());
            }
        }
        return partitions;
    }

    /** The store of a partition; empty if this instance does not have the partition. */
    @SuppressWarnings("unchecked") // all stores of a name have the same key and value types
    public <K extends Comparable<? super K>, V> Optional<CommittedStore<K, V>> find(String name, int partition) {
        return Optional.ofNullable((CommittedStore<K, V>) stores.get(new Address(name, partition)));
    }

    /**
     * The store of a partition.
     *
     * @throws InvalidStateStoreException if this instance does not have the partition
     */
    public <K extends Comparable<? super K>, V> CommittedStore<K, V> require(String name, int partition) {
        return this.<K, V>find(name, partition)
                .orElseThrow(() -> new InvalidStateStoreException("the partition has left"));
    }

    /**
     * Reads each partition of a store that this instance has, in ascending order. Partitions that leave the instance
     * during the call are skipped.
     *
     * @param read receives the number of a partition and its store
     */
    public <K extends Comparable<? super K>, V, R> List<R> readEach(
            String name, BiFunction<Integer, CommittedStore<K, V>, R> read) {
        List<R> results = new ArrayList<>();
        for (int number : partitions(name)) {
            try {
                results.add(read.apply(number, require(name, number)));
            } catch (InvalidStateStoreException e) {
                log.atDebug().addKeyValue("partition", number).log("A partition is moving and is skipped");
            }
        }
        return results;
    }
}
