package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
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
 * record. Which is which is stored and never changes, so that neither kind of counter ever goes back.
 */
final class TotalsProcessor implements Processor<Bytes, LinkDelta, Bytes, LinkTotals> {
    private static final byte[] PRESENT = {};

    /** Bounds the memory of what waits to be published. */
    private static final int MAX_CHANGED = 10_000;

    private final int seriesLimit;
    private final Duration publishInterval;
    private @Nullable Task task;

    private TotalsProcessor(int seriesLimit, Duration publishInterval) {
        this.seriesLimit = seriesLimit;
        this.publishInterval = publishInterval;
    }

    /** What makes a processor for each task, with its stores. */
    record Supplier(int seriesLimit, Duration publishInterval)
            implements ProcessorSupplier<Bytes, LinkDelta, Bytes, LinkTotals> {
        @Override
        public Processor<Bytes, LinkDelta, Bytes, LinkTotals> get() {
            return new TotalsProcessor(seriesLimit, publishInterval);
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
        context.schedule(publishInterval, PunctuationType.WALL_CLOCK_TIME, time -> publish());
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

    private void publish() {
        if (task != null) {
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
        private boolean publishAll = true;

        Task(ProcessorContext<Bytes, LinkTotals> context) {
            this.context = context;
            totals = context.getStateStore(LinkStores.TOTALS);
            series = context.getStateStore(LinkStores.SERIES);
            other = context.getStateStore(LinkStores.OTHER);
            try (KeyValueIterator<Bytes, byte[]> stored = series.all()) {
                stored.forEachRemaining(item -> ownSeries.add(item.key));
            }
        }

        void add(Bytes link, LinkDelta delta) {
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
