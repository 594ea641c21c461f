package io.natator.topology.siem;

import io.natator.schemas.AvroSerde;
import io.natator.topology.ledger.LedgerOutput;
import io.natator.topology.state.CommitHook;
import io.natator.topology.statistics.TopologyStatistics;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Creates the operator that publishes activity events. Its input is the ledger's output, with the encoded link key as
 * key. Its output is JSON, with the link as text as key.
 *
 * @param limiter limits the events of all tasks of this instance together
 */
public record ActivityProcessorSupplier(ActivitySettings settings, EventLimiter limiter, TopologyStatistics statistics)
        implements ProcessorSupplier<Bytes, LedgerOutput, String, byte[]> {
    /**
     * Creates an operator with its own limiter.
     *
     * @param settings settings whose format is not {@link ActivityFormat#OFF}
     */
    public ActivityProcessorSupplier(ActivitySettings settings, TopologyStatistics statistics) {
        this(settings, new EventLimiter(settings.eventsPerSecond()), statistics);
    }

    @Override
    public Processor<Bytes, LedgerOutput, String, byte[]> get() {
        return new ActivityProcessor(this);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
        return Set.of(
                CommitHook.builder(ActivityProcessor.COMMIT),
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(ActivityProcessor.FOLDED),
                        Serdes.Bytes(),
                        AvroSerde.<FoldedActivity>of(FoldedActivity.getClassSchema())));
    }
}
