package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
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
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Sums deltas into the totals of their links. Totals that changed are published once per interval; after a start all of
 * them are, so that the topic is whole whatever became of the last interval before.
 *
 * <p>The first links of a partition, up to a limit, have series of their own; all later ones are summed up in one more
 * record. Which is which is stored and does not change as long as the link lives, so that neither kind of counter ever
 * goes back.
 *
 * <p>A link that is not heard of for the retention is retired: it leaves the stores with a tombstone, in one transaction,
 * and its place among the series is free. What it amounted to stays in a sum, so that the sum over all links goes on to
 * equal what the ledger has handed on. One that comes back is a new link.
 */
final class TotalsProcessor implements Processor<Bytes, LinkDelta, Bytes, LinkTotals> {
    private static final byte[] PRESENT = {};

    /** Bounds the memory of what waits to be published. */
    private static final int MAX_CHANGED = 10_000;

    /** Bounds how long one look for idle links keeps new records waiting. */
    private static final int SWEEP_LIMIT = 2_000;

    private static final int SWEEPS_PER_RETENTION = 24;

    private final int seriesLimit;
    private final Duration publishInterval;
    private final Duration retention;
    private final TopologyStatistics statistics;
    private @Nullable Task task;

    private TotalsProcessor(Supplier supplier) {
        seriesLimit = supplier.seriesLimit;
        publishInterval = supplier.publishInterval;
        retention = supplier.retention;
        statistics = supplier.statistics;
    }

    /** What makes a processor for each task, with its stores. */
    record Supplier(int seriesLimit, Duration publishInterval, Duration retention, TopologyStatistics statistics)
            implements ProcessorSupplier<Bytes, LinkDelta, Bytes, LinkTotals> {
        @Override
        public Processor<Bytes, LinkDelta, Bytes, LinkTotals> get() {
            return new TotalsProcessor(this);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(
                    Stores.keyValueStoreBuilder(
                                    Stores.persistentKeyValueStore(LinkStores.TOTALS),
                                    Serdes.Bytes(),
                                    NatatorSerdes.linkTotals())
                            .withCachingEnabled(),
                    Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(LinkStores.SERIES), Serdes.Bytes(), Serdes.ByteArray()),
                    Stores.keyValueStoreBuilder(
                                    Stores.inMemoryKeyValueStore(LinkStores.OTHER),
                                    Serdes.String(),
                                    NatatorSerdes.linkTotals())
                            .withCachingEnabled());
        }
    }

    @Override
    public void init(ProcessorContext<Bytes, LinkTotals> context) {
        task = new Task(context);
        context.schedule(publishInterval, PunctuationType.WALL_CLOCK_TIME, this::publish);
    }

    @Override
    public void process(Record<Bytes, LinkDelta> record) {
        if (task != null && record.key() != null && record.value() != null) {
            task.add(record.key(), record.value());
        }
    }

    @Override
    public void close() {
        task = null;
    }

    private void publish(long wallMillis) {
        if (task != null) {
            task.retire(wallMillis);
            task.publish();
        }
    }

    private final class Task {
        private final ProcessorContext<Bytes, LinkTotals> context;
        private final KeyValueStore<Bytes, LinkTotals> totals;
        private final KeyValueStore<Bytes, byte[]> series;
        private final KeyValueStore<String, LinkTotals> other;
        private final Set<Bytes> ownSeries = new HashSet<>();
        private final Set<Bytes> changed = new LinkedHashSet<>();
        private final StreamClock clock;
        private boolean publishAll = true;

        /** Where the sweep for idle links goes on, null between two sweeps. */
        private @Nullable Bytes sweepFrom;

        private long nextSweepMicros = Long.MIN_VALUE;

        Task(ProcessorContext<Bytes, LinkTotals> context) {
            this.context = context;
            totals = context.getStateStore(LinkStores.TOTALS);
            series = context.getStateStore(LinkStores.SERIES);
            other = context.getStateStore(LinkStores.OTHER);
            clock = new StreamClock(sweepInterval(), context.currentSystemTimeMs());
            try (KeyValueIterator<Bytes, byte[]> stored = series.all()) {
                stored.forEachRemaining(item -> ownSeries.add(item.key));
            }
        }

        void add(Bytes link, LinkDelta delta) {
            clock.hear(delta.getUntil(), context.currentSystemTimeMs());
            @Nullable LinkTotals before = totals.get(link);
            totals.put(link, Sums.add(before, delta));
            if (before == null && ownSeries.size() < seriesLimit) {
                ownSeries.add(link);
                series.put(link, PRESENT);
            }
            if (!ownSeries.contains(link)) {
                other.put(LinkStores.OTHER_KEY, Sums.add(other.get(LinkStores.OTHER_KEY), delta));
            }
            changed.add(link);
            if (changed.size() >= MAX_CHANGED) {
                publish();
            }
        }

        /** Looks at some more links, in turn, and retires those that are idle. */
        void retire(long wallMillis) {
            long now = clock.now(wallMillis);
            if (now < nextSweepMicros || now <= 0) {
                return;
            }
            Instant idleSince = Sums.instant(now).minus(retention);
            List<Bytes> idle = new ArrayList<>();
            try (KeyValueIterator<Bytes, LinkTotals> links = totals.range(sweepFrom, null)) {
                for (int looked = 0; links.hasNext() && looked < SWEEP_LIMIT; looked++) {
                    var link = links.next();
                    if (!link.value.getLastSeen().isAfter(idleSince)) {
                        idle.add(link.key);
                    }
                }
                sweepFrom = links.hasNext() ? links.peekNextKey() : null;
            }
            if (sweepFrom == null) {
                nextSweepMicros = now + sweepInterval().toNanos() / 1000;
            }
            idle.forEach(link -> retire(link, now));
        }

        private void retire(Bytes link, long now) {
            LinkTotals last = totals.delete(link);
            if (ownSeries.remove(link)) {
                series.delete(link);
                other.put(LinkStores.RETIRED_KEY, Sums.add(other.get(LinkStores.RETIRED_KEY), last));
            }
            changed.remove(link);
            statistics.retiredLinks.increment();
            context.forward(new Record<>(link, null, now / 1000));
        }

        private Duration sweepInterval() {
            return retention.dividedBy(SWEEPS_PER_RETENTION);
        }

        void publish() {
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
}
