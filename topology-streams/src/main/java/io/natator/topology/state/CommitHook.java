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
 * Runs work of a processor before each commit of its task, in the task's thread. In this hook the processor writes its
 * changes to stores and forwards records, so both belong to the same transaction as the records that caused them.
 *
 * <p>The hook is a store without contents, because Kafka Streams announces a commit only to the caches of stores
 * (StreamTask.prepareCommit, ProcessorStateManager.flushCache, 4.3.1). Forwarding records from there is permitted: the
 * listeners of the caches do it too (TimestampedCacheFlushListener). If the work fails, the task fails and nothing is
 * committed.
 */
public final class CommitHook implements StateStore, CachedStateStore<Object, Object> {
    private final String name;
    private @Nullable Runnable work;
    private boolean open;

    private CommitHook(String name) {
        this.name = name;
    }

    /**
     * A builder, which belongs to the stores of the processor.
     *
     * @param name name of the store; each processor needs one of its own
     */
    public static StoreBuilder<CommitHook> builder(String name) {
        return new Builder(name);
    }

    /**
     * Registers work to run before each commit. It may forward records as the processor does. Called in {@code
     * Processor.init}.
     *
     * @param name name of the processor's store
     */
    public static void register(ProcessorContext<?, ?> context, String name, Runnable work) {
        var processor = (InternalProcessorContext<?, ?>) context;
        ProcessorNode<?, ?, ?, ?> node = processor.currentNode();
        CommitHook store = context.getStateStore(name);
        store.work = () -> runAs(node, processor, work);
    }

    /** Runs the work in the context that a punctuator has: at its processor, without a current record. */
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

    /** The store has no contents, so it has neither a changelog nor a cache. */
    private record Builder(String name) implements StoreBuilder<CommitHook> {
        @Override
        public CommitHook build() {
            return new CommitHook(name);
        }

        @Override
        public StoreBuilder<CommitHook> withCachingEnabled() {
            throw new UnsupportedOperationException("the store has no contents");
        }

        @Override
        public StoreBuilder<CommitHook> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<CommitHook> withLoggingEnabled(Map<String, String> config) {
            throw new UnsupportedOperationException("the store has no contents");
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
