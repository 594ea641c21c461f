package io.natator.topology.state;

import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The stores of this instance's tasks that are read from outside, as of the last committed transaction. Interactive
 * queries do not do: they show what the running transaction has done so far, which is undone if the process dies.
 * Thread-safe.
 */
public final class CommittedStores {
    private final Map<Address, CommittedStore<?, ?>> stores = new ConcurrentHashMap<>();

    private record Address(String name, int partition) {}

    /** None. */
    public CommittedStores() {}

    /**
     * A store of the task of this context: what it holds now is committed. By the task's thread, when the task starts.
     */
    public <K extends Comparable<? super K>, V> CommittedStore<K, V> open(ProcessorContext<?, ?> context, String name) {
        KeyValueStore<K, V> store = context.getStateStore(name);
        var opened = new CommittedStore<>(store, context::commit);
        stores.put(new Address(name, context.taskId().partition()), opened);
        return opened;
    }

    /** The task ends: the store can no longer be read. Another one of the same name and partition may be there already. */
    public void close(CommittedStore<?, ?> store) {
        store.close();
        stores.values().remove(store);
    }

    /** The running transaction of this thread is committed. */
    public void committed() {
        for (CommittedStore<?, ?> store : stores.values()) {
            store.committedBy(Thread.currentThread());
        }
    }

    /** The partitions of a store that are here, in order. */
    public SortedSet<Integer> partitions(String name) {
        SortedSet<Integer> partitions = new TreeSet<>();
        for (Address address : stores.keySet()) {
            if (address.name().equals(name)) {
                partitions.add(address.partition());
            }
        }
        return partitions;
    }

    /** A store, if it is here; its types are those it was opened with. */
    @SuppressWarnings("unchecked") // a name stands for one type of store
    public <K extends Comparable<? super K>, V> Optional<CommittedStore<K, V>> find(String name, int partition) {
        return Optional.ofNullable((CommittedStore<K, V>) stores.get(new Address(name, partition)));
    }
}
