package io.natator.topology.state;

import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * Has a processor write and hand on what it has gathered, each time before its task commits, so that it is part of the
 * transaction that the records it comes from are part of. In the task's thread.
 *
 * <p>A store that keeps nothing: Kafka Streams tells nobody of a commit to come but the caches of its stores
 * (StreamTask.prepareCommit, ProcessorStateManager.flushCache, 4.3.1), and their listeners hand records on there
 * (TimestampedCacheFlushListener). What fails there fails the task, and nothing of it is committed.
 */
public final class CommitHook implements StateStore, CachedStateStore<Object, Object> {
    private final String name;
    private @Nullable Runnable work;
    private boolean open;

    private CommitHook(String name) {
        this.name = name;
    }

    /**
     * For the stores of a processor.
     *
     * @param name of the store, one for each processor
     */
    public static StoreBuilder<CommitHook> builder(String name) {
        return new Builder(name);
    }

    /**
     * From now on has this done before each commit; it may hand on records as the processor does when it processes one.
     * To be called in {@code Processor.init}.
     *
     * @param name of the processor's store
     */
    public static void register(ProcessorContext<?, ?> context, String name, Runnable work) {
        var processor = (InternalProcessorContext<?, ?>) context;
        ProcessorNode<?, ?, ?, ?> node = processor.currentNode();
        CommitHook store = context.getStateStore(name);
        store.work = () -> runAs(node, processor, work);
    }

    /** What a punctuator finds: no record that this comes of. */
    private static void runAs(ProcessorNode<?, ?, ?, ?> node, InternalProcessorContext<?, ?> context, Runnable work) {
        @Nullable ProcessorNode<?, ?, ?, ?> nodeBefore = context.currentNode();
        @Nullable ProcessorRecordContext recordBefore = context.recordContext();
        context.setCurrentNode(node);
        context.setRecordContext(
                new ProcessorRecordContext(context.currentSystemTimeMs(), -1, -1, null, new RecordHeaders()));
        try {
            work.run();
        } finally {
            context.setCurrentNode(nodeBefore);
            context.setRecordContext(recordBefore);
        }
    }

    @Override
    public void flushCache() {
        if (work != null) {
            work.run();
        }
    }

    @Override
    public void clearCache() {
        work = null;
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Object, Object> listener, boolean sendOldValues) {
        return false;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        context.register(root, (key, value) -> {});
        open = true;
    }

    @Override
    public void close() {
        work = null;
        open = false;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** There is nothing to log, and nothing to cache. */
    private record Builder(String name) implements StoreBuilder<CommitHook> {
        @Override
        public CommitHook build() {
            return new CommitHook(name);
        }

        @Override
        public StoreBuilder<CommitHook> withCachingEnabled() {
            throw new UnsupportedOperationException("it keeps nothing");
        }

        @Override
        public StoreBuilder<CommitHook> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<CommitHook> withLoggingEnabled(Map<String, String> config) {
            throw new UnsupportedOperationException("it keeps nothing");
        }

        @Override
        public StoreBuilder<CommitHook> withLoggingDisabled() {
            return this;
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }
    }
}
