package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.state.CommitHook;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.StreamClock;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Adds deltas (growth of links) to the totals of their links. Changed totals are published once per publish interval.
 * After a start, all totals are published, because it is unknown which changes were published before the last stop.
 *
 * <p>The first links of a partition, up to a limit, have their own series; later links
 * {@linkplain SharedSeries share series}. The decision is stored for each link and does not change while the link
 * exists, so no counter of either kind of series decreases.
 *
 * <p>{@link LinkRetirement} decides when an idle link is retired. One transaction deletes the link from the stores,
 * publishes a tombstone and releases the link's series. The last totals of the link are added to a sum, so the sum over
 * all links still equals what the ledger attributed. A link that has traffic again is a new link.
 */
final class TotalsAggregator implements DeltaProcessor.Aggregator {
    static final String COMMIT = "totals-commit";

    private static final byte[] PRESENT = {};

    /**
     * Maximum number of changed links that wait to be published. When the limit is reached, they are published at once.
     */
    private static final int MAX_CHANGED = 10_000;

    /**
     * Settings that all partitions share.
     *
     * @param series how many links of a partition, and how many prefixes, have Prometheus series of their own
     * @param retention time after which an idle link is retired (removed)
     */
    record Settings(SeriesLimits series, Duration retention, TopologyStatistics statistics, CommittedStores stores) {}

    private final Settings settings;
    private final ProcessorContext<Bytes, LinkTotals> context;
    private final CommittedStore<Bytes, LinkTotals> totals;
    private final CommittedStore<Bytes, byte[]> series;
    private final CommittedStore<String, LinkTotals> other;
    private final SharedSeries sharedSeries;
    private final LinkRetirement retirement;
    private final Set<Bytes> ownSeries = new HashSet<>();
    private final Set<Bytes> changed = new LinkedHashSet<>();
    private final StreamClock clock;
    private boolean publishAll = true;

    TotalsAggregator(Settings settings, ProcessorContext<Bytes, LinkTotals> context) {
        this.settings = settings;
        this.context = context;
        totals = settings.stores().open(context, LinkStores.TOTALS);
        series = settings.stores().open(context, LinkStores.SERIES);
        other = settings.stores().open(context, LinkStores.OTHER);
        sharedSeries = new SharedSeries(settings.series(), settings.statistics(), other);
        retirement = new LinkRetirement(settings.retention(), totals);
        clock = new StreamClock(LinkRetirement.sweepInterval(settings.retention()), context::currentSystemTimeMs);
        try (KeyValueIterator<Bytes, byte[]> stored = series.all()) {
            stored.forEachRemaining(item -> ownSeries.add(item.key));
        }
    }

    static Set<StoreBuilder<?>> storeBuilders() {
        return Set.of(
                CommitHook.builder(COMMIT),
                Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(LinkStores.TOTALS), Serdes.Bytes(), NatatorSerdes.linkTotals()),
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(LinkStores.SERIES), Serdes.Bytes(), Serdes.ByteArray()),
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(LinkStores.OTHER), Serdes.String(), NatatorSerdes.linkTotals()));
    }

    @Override
    public void add(Bytes link, LinkDelta delta) {
        clock.onRecord(delta.span().until());
        @Nullable LinkTotals before = totals.get(link);
        totals.put(link, before, LinkAggregates.add(before, delta));
        if (before == null && sharedSeries.hasCapacityFor(ownSeries.size())) {
            ownSeries.add(link);
            series.put(link, PRESENT);
        }
        if (!ownSeries.contains(link)) {
            sharedSeries.add(link, delta, before == null, ownSeries.size());
        }
        changed.add(link);
        if (changed.size() >= MAX_CHANGED) {
            publishChanged();
        }
    }

    @Override
    public void publish() {
        long now = clock.now();
        retirement.step(now, new PartitionRetirees(now));
        publishChanged();
    }

    @Override
    public void flush() {
        totals.flush();
        series.flush();
        other.flush();
    }

    @Override
    public void close() {
        settings.stores().close(totals);
        settings.stores().close(series);
        settings.stores().close(other);
    }

    /**
     * Removes idle links and address prefixes from the stores, and idle links also from the topic. The time is in
     * microseconds since the epoch.
     */
    private final class PartitionRetirees implements LinkRetirement.Retirees {
        private final long now;

        PartitionRetirees(long now) {
            this.now = now;
        }

        @Override
        public void retirePrefixes(Instant idleSince) {
            sharedSeries.retireIdle(idleSince);
        }

        @Override
        public void retireLink(Bytes link) {
            @Nullable LinkTotals last = totals.delete(link);
            if (last != null && ownSeries.remove(link)) {
                series.delete(link);
                sharedSeries.addRetired(last);
            }
            changed.remove(link);
            settings.statistics().retiredLinks.increment();
            context.forward(new Record<>(link, null, now / 1000));
        }
    }

    private void publishChanged() {
        if (publishAll) {
            try (KeyValueIterator<Bytes, LinkTotals> all = totals.all()) {
                all.forEachRemaining(item -> forward(item.key, item.value));
            }
            publishAll = false;
        } else {
            for (Bytes link : changed) {
                LinkTotals value = totals.get(link);
                if (value != null) {
                    forward(link, value);
                }
            }
        }
        changed.clear();
    }

    private void forward(Bytes link, LinkTotals value) {
        context.forward(
                new Record<>(link, value, Math.max(0, value.getLastSeen().toEpochMilli())));
    }
}
