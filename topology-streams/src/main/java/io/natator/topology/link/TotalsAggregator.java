package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.state.CommitHook;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.TopologyStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
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
 * Aggregates deltas to the totals of their links. Changed totals are published once per interval. After a start, all
 * totals are published, so that the topic is complete even if the last interval before was not published.
 *
 * <p>The first links of a partition, up to a limit, have series of their own; later links {@linkplain SharedSeries
 * share series}. This is stored for each link and does not change while the link exists, so no counter of either kind
 * decreases.
 *
 * <p>An idle link is retired after the retention: one transaction deletes it from the stores, publishes a tombstone and
 * releases its series. Its last totals are added to a sum, so that the sum over all links still equals what the ledger
 * attributed. A link that returns is a new link.
 */
final class TotalsAggregator implements DeltaProcessor.Aggregator {
    static final String COMMIT = "totals-commit";

    private static final byte[] PRESENT = {};

    /** Limits the memory of totals that wait to be published. */
    private static final int MAX_CHANGED = 10_000;

    /** Limits how long one step of the sweep for idle links delays new records. */
    private static final int SWEEP_LIMIT = 2_000;

    private static final int SWEEPS_PER_RETENTION = 24;

    /**
     * Settings that all partitions share.
     *
     * @param series limits of one partition
     * @param retention an idle link is retired after this time
     */
    record Settings(SeriesLimits series, Duration retention, TopologyStatistics statistics, CommittedStores stores) {}

    private final Settings settings;
    private final ProcessorContext<Bytes, LinkTotals> context;
    private final CommittedStore<Bytes, LinkTotals> totals;
    private final CommittedStore<Bytes, byte[]> series;
    private final CommittedStore<String, LinkTotals> other;
    private final SharedSeries sharedSeries;
    private final Set<Bytes> ownSeries = new HashSet<>();
    private final Set<Bytes> changed = new LinkedHashSet<>();
    private final StreamClock clock;
    private boolean publishAll = true;

    /** Key at which the sweep for idle links continues, null between two sweeps. */
    private @Nullable Bytes sweepFrom;

    private long nextSweepMicros = Long.MIN_VALUE;

    TotalsAggregator(Settings settings, ProcessorContext<Bytes, LinkTotals> context) {
        this.settings = settings;
        this.context = context;
        totals = settings.stores().open(context, LinkStores.TOTALS);
        series = settings.stores().open(context, LinkStores.SERIES);
        other = settings.stores().open(context, LinkStores.OTHER);
        sharedSeries = new SharedSeries(settings.series(), settings.statistics(), other);
        clock = new StreamClock(sweepInterval(), context::currentSystemTimeMs);
        try (KeyValueIterator<Bytes, byte[]> stored = series.all()) {
            stored.forEachRemaining(item -> ownSeries.add(item.key));
        }
    }

    /** The stores that an aggregator needs. */
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
        retireIdle();
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

    /** Checks the next links of the sweep, and retires those that are idle. */
    private void retireIdle() {
        long now = clock.now();
        if (now < nextSweepMicros || now <= 0) {
            return;
        }
        Instant idleSince = LinkAggregates.instant(now).minus(settings.retention());
        List<Bytes> idle = new ArrayList<>();
        try (KeyValueIterator<Bytes, LinkTotals> links = totals.range(sweepFrom, null)) {
            for (int checked = 0; links.hasNext() && checked < SWEEP_LIMIT; checked++) {
                var link = links.next();
                if (!link.value.getLastSeen().isAfter(idleSince)) {
                    idle.add(link.key);
                }
            }
            sweepFrom = links.hasNext() ? links.peekNextKey() : null;
        }
        if (sweepFrom == null) {
            sharedSeries.retireIdle(idleSince);
            nextSweepMicros = now + sweepInterval().toNanos() / 1000;
        }
        idle.forEach(link -> retire(link, now));
    }

    private void retire(Bytes link, long now) {
        @Nullable LinkTotals last = totals.delete(link);
        if (last != null && ownSeries.remove(link)) {
            series.delete(link);
            sharedSeries.addRetired(last);
        }
        changed.remove(link);
        settings.statistics().retiredLinks.increment();
        context.forward(new Record<>(link, null, now / 1000));
    }

    private Duration sweepInterval() {
        return settings.retention().dividedBy(SWEEPS_PER_RETENTION);
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
