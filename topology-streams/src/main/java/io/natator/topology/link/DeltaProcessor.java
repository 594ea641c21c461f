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

/**
 * Connects an {@link Aggregator} to Kafka Streams, which calls it for each delta, periodically and before each commit.
 */
final class DeltaProcessor<K, V> implements Processor<Bytes, LinkDelta, K, V> {
    private final Function<ProcessorContext<K, V>, Aggregator> aggregators;
    private final Duration publishInterval;
    private final String commitStore;
    private @Nullable Aggregator aggregator;

    /** Adds up the deltas of one partition. */
    interface Aggregator extends AutoCloseable {
        void add(Bytes link, LinkDelta delta);

        /**
         * Publishes the changed results, and removes the links or finishes the windows whose time is over. Called once
         * per publish interval.
         */
        void publish();

        /** Writes the changes in memory to the stores. Called before each commit. */
        void flush();

        /** Closes the stores. Called when the partition leaves this instance. */
        @Override
        void close();
    }

    /**
     * Creates a processor.
     *
     * @param aggregators creates the aggregator; called when the stores are open
     * @param publishInterval interval between calls of {@link Aggregator#publish}, by the wall clock
     * @param commitStore name of the store of the {@link CommitHook}
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
        context.schedule(publishInterval, PunctuationType.WALL_CLOCK_TIME, wallMillis -> started.publish());
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
