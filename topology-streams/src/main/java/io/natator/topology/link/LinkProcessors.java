package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.TopologyStatistics;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Links as a part of a topology: what becomes of deltas keyed by encoded link keys. */
public final class LinkProcessors {
    private LinkProcessors() {}

    /** The serde of the repartition topic. */
    public static LinkDeltaSerde deltaSerde() {
        return new LinkDeltaSerde();
    }

    /**
     * Sums deltas to totals.
     *
     * @param series how many series a partition has
     * @param publishInterval how often changed totals are handed on
     * @param retention how long a link stays that is not heard of
     * @param stores where its stores can be read
     */
    public static ProcessorSupplier<Bytes, LinkDelta, Bytes, LinkTotals> totals(
            SeriesLimits series,
            Duration publishInterval,
            Duration retention,
            TopologyStatistics statistics,
            CommittedStores stores) {
        var settings = new TotalsAggregator.Settings(series, retention, statistics, stores);
        return supplier(
                context -> new TotalsAggregator(settings, context),
                publishInterval,
                TotalsAggregator.COMMIT,
                TotalsAggregator.storeBuilders());
    }

    /**
     * Sums deltas to windows.
     *
     * @param publishInterval how often changed windows are handed on, and ended ones looked for
     * @param stores where its stores can be read
     */
    public static ProcessorSupplier<Bytes, LinkDelta, LinkWindowKey, LinkWindow> windows(
            WindowSettings bounds, Duration publishInterval, TopologyStatistics statistics, CommittedStores stores) {
        var settings = new WindowsAggregator.Settings(bounds, statistics, stores);
        return supplier(
                context -> new WindowsAggregator(settings, context),
                publishInterval,
                WindowsAggregator.COMMIT,
                WindowsAggregator.storeBuilders());
    }

    private static <K, V> ProcessorSupplier<Bytes, LinkDelta, K, V> supplier(
            Function<ProcessorContext<K, V>, DeltaProcessor.Aggregator> aggregators,
            Duration publishInterval,
            String commitStore,
            Set<StoreBuilder<?>> stores) {
        return new ProcessorSupplier<>() {
            @Override
            public Processor<Bytes, LinkDelta, K, V> get() {
                return new DeltaProcessor<>(aggregators, publishInterval, commitStore);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return stores;
            }
        };
    }
}
