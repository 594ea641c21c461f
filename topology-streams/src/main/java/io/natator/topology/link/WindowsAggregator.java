package io.natator.topology.link;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.link.WindowSpread.Slice;
import io.natator.topology.link.WindowSpread.Spread;
import io.natator.topology.state.CommitHook;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.TopologyStatistics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Sums deltas into windows of event time. Windows that changed are published once per interval. A window is final once
 * the partition's clock is past its end and grace; the final record leaves in the transaction in which the window
 * becomes final in the store, where it stays to be asked for until its retention is over.
 */
final class WindowsAggregator implements DeltaProcessor.Aggregator {
    static final String COMMIT = "windows-commit";

    /** Bounds the memory of what waits to be published. */
    private static final int MAX_CHANGED = 20_000;

    /** Bounds how long forgetting keeps new records waiting. */
    private static final int DELETE_LIMIT = 20_000;

    /** What all tasks have in common. */
    record Settings(WindowSettings bounds, TopologyStatistics statistics, CommittedStores stores) {}

    private final Settings settings;
    private final WindowSettings bounds;
    private final ProcessorContext<LinkWindowKey, LinkWindow> context;
    private final CommittedStore<Bytes, LinkWindow> windows;
    private final KeyValueStore<String, Long> closed;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();
    private final StreamClock clock;
    private final WindowSpread spread;
    private final Set<Bytes> changed = new LinkedHashSet<>();
    private long closedUntil;

    /** Nothing final is kept of before this; not known at the start. */
    private long deletedUntil;

    WindowsAggregator(Settings settings, ProcessorContext<LinkWindowKey, LinkWindow> context) {
        this.settings = settings;
        bounds = settings.bounds();
        this.context = context;
        windows = settings.stores().open(context, LinkStores.WINDOWS);
        closed = context.getStateStore(LinkStores.CLOSED_UNTIL);
        clock = new StreamClock(bounds.grace(), context::currentSystemTimeMs);
        spread = new WindowSpread(bounds.size());
        Long stored = closed.get(LinkStores.CLOSED_UNTIL_KEY);
        closedUntil = stored == null ? 0 : stored;
        // What was published before the last stop is not known: publish what is open once more.
        try (KeyValueIterator<Bytes, LinkWindow> open = windows.range(WindowKeys.from(closedUntil), null)) {
            open.forEachRemaining(item -> changed.add(item.key));
        }
    }

    /** The stores that a task needs. */
    static Set<StoreBuilder<?>> storeBuilders() {
        return Set.of(
                CommitHook.builder(COMMIT),
                Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(LinkStores.WINDOWS), Serdes.Bytes(), NatatorSerdes.linkWindow()),
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(LinkStores.CLOSED_UNTIL), Serdes.String(), Serdes.Long()));
    }

    @Override
    public void add(Bytes link, LinkDelta delta) {
        long now = clock.onRecord(delta.span().until());
        if (closedUntil == 0) {
            // The very first: windows that would be final by now do not open, however long ago its connection did.
            closeWindows(lastEnd(now));
        }
        Spread parts = spread.spread(delta, closedUntil);
        settings.statistics().lateBytes.add(parts.lateBytes());
        for (Slice slice : parts.slices()) {
            Bytes key = WindowKeys.of(slice.windowStart(), link);
            @Nullable LinkWindow window = windows.get(key);
            windows.put(key, window, LinkAggregates.add(window, slice));
            changed.add(key);
        }
        if (changed.size() >= MAX_CHANGED) {
            publishChanged();
        }
    }

    @Override
    public void publish(long wallMillis) {
        long now = clock.now();
        if (now > 0) {
            closeWindows(lastEnd(now));
            deleteExpired();
        }
        publishChanged();
    }

    @Override
    public void flush() {
        windows.flush();
    }

    @Override
    public void close() {
        settings.stores().close(windows);
    }

    /** The end of the last window whose grace is over. */
    private long lastEnd(long now) {
        long passed = now - bounds.graceMicros();
        return passed - Math.floorMod(passed, bounds.sizeMicros());
    }

    /** Makes all windows final that end at or before this time. */
    private void closeWindows(long until) {
        if (until <= closedUntil) {
            return;
        }
        List<KeyValue<Bytes, LinkWindow>> done = new ArrayList<>();
        try (KeyValueIterator<Bytes, LinkWindow> ended =
                windows.range(WindowKeys.from(closedUntil), WindowKeys.from(until))) {
            ended.forEachRemaining(done::add);
        }
        for (KeyValue<Bytes, LinkWindow> window : done) {
            LinkWindow last = LinkAggregates.finalWindow(window.value);
            forward(window.key, last);
            if (bounds.retention().isZero()) {
                windows.delete(window.key);
            } else {
                windows.put(window.key, window.value, last);
            }
            changed.remove(window.key);
        }
        closedUntil = until;
        closed.put(LinkStores.CLOSED_UNTIL_KEY, closedUntil);
    }

    /** Forgets some more of the final windows whose retention is over. */
    private void deleteExpired() {
        long limit = closedUntil - bounds.retentionMicros();
        if (limit <= deletedUntil) {
            return;
        }
        List<Bytes> over = new ArrayList<>();
        try (KeyValueIterator<Bytes, LinkWindow> windowsOver =
                windows.range(WindowKeys.from(deletedUntil), WindowKeys.from(limit))) {
            while (windowsOver.hasNext() && over.size() < DELETE_LIMIT) {
                over.add(windowsOver.next().key);
            }
        }
        over.forEach(windows::delete);
        if (over.size() < DELETE_LIMIT) {
            deletedUntil = limit;
        }
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
        LinkKey link = linkKeys.decode(WindowKeys.link(key));
        context.forward(new Record<>(
                new LinkWindowKey(link, window.getWindowStart()),
                window,
                window.getWindowStart().toEpochMilli()));
    }
}
