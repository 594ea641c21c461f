package io.natator.topology.link;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.topology.state.TopologyStatistics;
import java.time.Duration;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;

/** Links as a part of a topology: what becomes of deltas keyed by encoded link keys. */
public final class Links {
    private Links() {}

    /** How deltas travel. */
    public static AvroSerde<LinkDelta> deltaSerde() {
        return AvroSerde.of(LinkDelta.getClassSchema());
    }

    /**
     * Sums deltas to totals.
     *
     * @param seriesLimit how many links of a partition have series of their own
     * @param publishInterval how often changed totals are handed on
     * @param retention how long a link stays that is not heard of
     */
    public static ProcessorSupplier<Bytes, LinkDelta, Bytes, LinkTotals> totals(
            int seriesLimit, Duration publishInterval, Duration retention, TopologyStatistics statistics) {
        return new TotalsProcessor.Supplier(seriesLimit, publishInterval, retention, statistics);
    }

    /**
     * Sums deltas to windows.
     *
     * @param publishInterval how often changed windows are handed on, and ended ones looked for
     */
    public static ProcessorSupplier<Bytes, LinkDelta, LinkWindowKey, LinkWindow> windows(
            WindowBounds bounds, Duration publishInterval, TopologyStatistics statistics) {
        return new WindowsProcessor.Supplier(bounds, publishInterval, statistics);
    }
}
