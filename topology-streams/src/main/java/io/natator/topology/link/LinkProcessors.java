package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Creates the two operators that add up deltas (growth of links). One adds them to the total of each link, the other to
 * the link's time windows. Keys are encoded link keys.
 */
public final class LinkProcessors {
    private LinkProcessors() {}

    public static LinkDeltaSerde deltaSerde() {
        return new LinkDeltaSerde();
    }

    /**
     * The operator that adds up deltas to totals.
     *
     * @param series limits of the series of one partition
     * @param publishInterval interval between publications of changed totals
     * @param retention time after which an idle link is retired (removed)
     * @param stores makes the stores readable for other threads
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
     * The operator that adds up deltas to windows.
     *
     * @param publishInterval interval between publications of changed windows, and between checks whether a window has
     *     become final
     * @param stores makes the stores readable for other threads
     */
    public static ProcessorSupplier<Bytes, LinkDelta, LinkWindowKey, LinkWindow> windows(
            WindowSettings windows, Duration publishInterval, TopologyStatistics statistics, CommittedStores stores) {
        var settings = new WindowsAggregator.Settings(windows, statistics, stores);
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
