package io.natator.topology.link;

import io.natator.topology.state.CommitHook;
import java.time.Duration;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Hands deltas to what sums them up, and has it publish once per interval of the wall clock. */
final class DeltaProcessor<K, V> implements Processor<Bytes, LinkDelta, K, V> {
    private final Function<ProcessorContext<K, V>, Aggregator> aggregators;
    private final Duration publishInterval;
    private final String commitStore;
    private @Nullable Aggregator aggregator;

    /** What one partition does with its deltas. */
    interface Aggregator extends AutoCloseable {
        void add(Bytes link, LinkDelta delta);

        /** Looks for what is due, and hands on what has changed. */
        void publish(long wallMillis);

        /** Writes what has changed; called before each commit. */
        void flush();

        /** The partition leaves. */
        @Override
        void close();
    }

    /**
     * A processor.
     *
     * @param aggregators makes the task once the stores are there
     * @param commitStore name of a {@link CommitHook}
     */
    DeltaProcessor(
            Function<ProcessorContext<K, V>, Aggregator> aggregators, Duration publishInterval, String commitStore) {
        this.commitStore = commitStore;
        this.aggregators = aggregators;
        this.publishInterval = publishInterval;
    }

    @Override
    public void init(ProcessorContext<K, V> context) {
        Aggregator started = aggregators.apply(context);
        aggregator = started;
        CommitHook.register(context, commitStore, started::flush);
        context.schedule(publishInterval, PunctuationType.WALL_CLOCK_TIME, started::publish);
    }

    @Override
    public void process(Record<Bytes, LinkDelta> record) {
        if (aggregator != null && record.key() != null && record.value() != null) {
            aggregator.add(record.key(), record.value());
        }
    }

    @Override
    public void close() {
        if (aggregator != null) {
            aggregator.close();
            aggregator = null;
        }
    }
}
