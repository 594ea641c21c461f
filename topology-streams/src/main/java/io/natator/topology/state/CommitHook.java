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
 * Runs work of a processor before each commit of its task, in the task's thread. The work writes changes to stores and
 * forwards records. These changes and records then belong to the same transaction as the input records that caused
 * them.
 *
 * <p>The hook is a state store without contents, because Kafka Streams announces a commit only to stores that have a
 * cache (StreamTask.prepareCommit, ProcessorStateManager.flushCache, 4.3.1). The work is allowed to forward records,
 * because the caches of Kafka Streams forward records at the same moment (TimestampedCacheFlushListener). If the work
 * fails, the task fails and nothing is committed.
 */
public final class CommitHook implements StateStore, CachedStateStore<Object, Object> {
    private final String name;
    private @Nullable Runnable work;
    private boolean open;

    private CommitHook(String name) {
        this.name = name;
    }

    /**
     * Returns a builder of the hook. The supplier of the processor must return it together with the builders of the
     * processor's stores.
     *
     * @param name name of the store; each processor needs a different name
     */
    public static StoreBuilder<CommitHook> builder(String name) {
        return new Builder(name);
    }

    /**
     * Registers work that runs before each commit. Like the processor, the work can forward records. Must be called in
     * {@code Processor.init}.
     *
     * @param name name of the store of the processor's hook
     */
    public static void register(ProcessorContext<?, ?> context, String name, Runnable work) {
        var processor = (InternalProcessorContext<?, ?>) context;
        ProcessorNode<?, ?, ?, ?> node = processor.currentNode();
        CommitHook store = context.getStateStore(name);
        store.work = () -> runAs(node, processor, work);
    }

    /**
     * Runs the work like a punctuator (a scheduled call) of the processor: the current node is the processor, and there
     * is no current record.
     */
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

    /** Builds the hook. A store without contents has neither a changelog nor a cache. */
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
