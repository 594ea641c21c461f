package io.natator.topology.link;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.link.WindowSpread.Slice;
import io.natator.topology.link.WindowSpread.Spread;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.TopologyStatistics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
 * Sums deltas into windows of event time. Windows that changed are published once per interval. A window is final once
 * the partition's clock is past its end and grace; the final record leaves in the same transaction in which the window
 * leaves the store.
 */
final class WindowsProcessor implements Processor<Bytes, LinkDelta, LinkWindowKey, LinkWindow> {
    /** Bounds the memory of what waits to be published. */
    private static final int MAX_CHANGED = 20_000;

    private final WindowBounds bounds;
    private final Duration publishInterval;
    private final TopologyStatistics statistics;
    private @Nullable Task task;

    private WindowsProcessor(WindowBounds bounds, Duration publishInterval, TopologyStatistics statistics) {
        this.bounds = bounds;
        this.publishInterval = publishInterval;
        this.statistics = statistics;
    }

    /** What makes a processor for each task, with its stores. */
    record Supplier(WindowBounds bounds, Duration publishInterval, TopologyStatistics statistics)
            implements ProcessorSupplier<Bytes, LinkDelta, LinkWindowKey, LinkWindow> {
        @Override
        public Processor<Bytes, LinkDelta, LinkWindowKey, LinkWindow> get() {
            return new WindowsProcessor(bounds, publishInterval, statistics);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(
                    Stores.keyValueStoreBuilder(
                                    Stores.persistentKeyValueStore(LinkStores.WINDOWS),
                                    Serdes.Bytes(),
                                    NatatorSerdes.linkWindow())
                            .withCachingEnabled(),
                    Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(LinkStores.CLOSED_UNTIL), Serdes.String(), Serdes.Long()));
        }
    }

    @Override
    public void init(ProcessorContext<LinkWindowKey, LinkWindow> context) {
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
            task.publish(wallMillis);
        }
    }

    private final class Task {
        private final ProcessorContext<LinkWindowKey, LinkWindow> context;
        private final KeyValueStore<Bytes, LinkWindow> windows;
        private final KeyValueStore<String, Long> closed;
        private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();
        private final StreamClock clock;
        private final Set<Bytes> changed = new LinkedHashSet<>();
        private long closedUntil;

        Task(ProcessorContext<LinkWindowKey, LinkWindow> context) {
            this.context = context;
            windows = context.getStateStore(LinkStores.WINDOWS);
            closed = context.getStateStore(LinkStores.CLOSED_UNTIL);
            clock = new StreamClock(bounds.grace(), context.currentSystemTimeMs());
            Long stored = closed.get(LinkStores.CLOSED_UNTIL_KEY);
            closedUntil = stored == null ? 0 : stored;
            // What was published before the last stop is not known: publish what is open once more.
            try (KeyValueIterator<Bytes, LinkWindow> open = windows.all()) {
                open.forEachRemaining(item -> changed.add(item.key));
            }
        }

        void add(Bytes link, LinkDelta delta) {
            clock.hear(delta.getUntil(), context.currentSystemTimeMs());
            Spread spread = WindowSpread.spread(delta, bounds.sizeMicros(), closedUntil);
            statistics.lateBytes.add(spread.lateBytes());
            for (Slice slice : spread.slices()) {
                Bytes key = key(slice.windowStart(), link);
                windows.put(key, Sums.add(windows.get(key), slice.part(), slice.windowStart(), bounds.sizeMicros()));
                changed.add(key);
            }
            if (changed.size() >= MAX_CHANGED) {
                publishChanged();
            }
        }

        void publish(long wallMillis) {
            long now = clock.now(wallMillis);
            if (now > 0) {
                long passed = now - bounds.graceMicros();
                close(passed - Math.floorMod(passed, bounds.sizeMicros()));
            }
            publishChanged();
        }

        /** Makes all windows final that end at or before this time. */
        private void close(long until) {
            if (until <= closedUntil) {
                return;
            }
            List<Bytes> done = new ArrayList<>();
            try (KeyValueIterator<Bytes, LinkWindow> ended =
                    windows.range(key(0, Bytes.wrap(new byte[0])), key(until, Bytes.wrap(new byte[0])))) {
                while (ended.hasNext()) {
                    var window = ended.next();
                    forward(window.key, Sums.last(window.value));
                    done.add(window.key);
                }
            }
            done.forEach(windows::delete);
            changed.removeAll(done);
            closedUntil = until;
            closed.put(LinkStores.CLOSED_UNTIL_KEY, closedUntil);
        }

        private void publishChanged() {
            for (Bytes key : changed) {
                LinkWindow window = windows.get(key);
                if (window != null) {
                    forward(key, window);
                }
            }
            changed.clear();
        }

        private void forward(Bytes key, LinkWindow window) {
            byte[] bytes = key.get();
            LinkKey link = linkKeys.decode(Arrays.copyOfRange(bytes, Long.BYTES, bytes.length));
            context.forward(new Record<>(
                    new LinkWindowKey(link, window.getWindowStart()),
                    window,
                    window.getWindowStart().toEpochMilli()));
        }
    }

    /** Keys in the order of the windows. */
    private static Bytes key(long windowStart, Bytes link) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES + link.get().length)
                .putLong(windowStart)
                .put(link.get())
                .array());
    }
}
