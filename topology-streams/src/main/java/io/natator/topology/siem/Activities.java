package io.natator.topology.siem;

import io.natator.topology.ledger.LedgerOutput;
import io.natator.topology.state.TopologyStatistics;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;

/** Activity events as a part of a topology. */
public final class Activities {
    private Activities() {}

    /**
     * From what the ledger hands on, by encoded link key, to JSON by the link as text.
     *
     * @param bounds its format is not {@link ActivityFormat#OFF}
     */
    public static ProcessorSupplier<Bytes, LedgerOutput, String, byte[]> processor(
            ActivitySettings bounds, TopologyStatistics statistics) {
        return new ActivityProcessor.Supplier(bounds, new EventLimiter(bounds.eventsPerSecond()), statistics);
    }
}
