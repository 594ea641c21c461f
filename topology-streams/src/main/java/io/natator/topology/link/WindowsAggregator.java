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
import io.natator.topology.statistics.TopologyStatistics;
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
 * Adds deltas (growth of links) to time windows. The time that counts is when the traffic was observed, not when it is
 * processed. Changed windows are published once per publish interval. A window becomes final when the clock of the
 * partition has passed the end of the window and the grace period. The final record is published in the same
 * transaction that marks the window as final in the store. Final windows stay in the store, for queries, until their
 * retention is over.
 */
final class WindowsAggregator implements DeltaProcessor.Aggregator {
    static final String COMMIT = "windows-commit";

    /**
     * Maximum number of changed windows that wait to be published. When the limit is reached, they are published at
     * once.
     */
    private static final int MAX_CHANGED = 20_000;

    /** Maximum number of expired windows that one step deletes. New records wait during a step. */
    private static final int DELETE_LIMIT = 20_000;

    /** Settings that all partitions share. */
    record Settings(WindowSettings windows, TopologyStatistics statistics, CommittedStores stores) {}

    private final Settings settings;
    private final WindowSettings sizes;
    private final ProcessorContext<LinkWindowKey, LinkWindow> context;
    private final CommittedStore<Bytes, LinkWindow> windows;
    private final KeyValueStore<String, Long> closed;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();
    private final StreamClock clock;
    private final WindowSpread spread;
    private final Set<Bytes> changed = new LinkedHashSet<>();
    private long closedUntil;

    /**
     * All windows that start before this time have been deleted. In microseconds since the epoch; 0 before the first
     * deletion.
     */
    private long deletedUntil;

    WindowsAggregator(Settings settings, ProcessorContext<LinkWindowKey, LinkWindow> context) {
        this.settings = settings;
        sizes = settings.windows();
        this.context = context;
        windows = settings.stores().open(context, LinkStores.WINDOWS);
        closed = context.getStateStore(LinkStores.CLOSED_UNTIL);
        clock = new StreamClock(sizes.grace(), context::currentSystemTimeMs);
        spread = new WindowSpread(sizes.size());
        Long stored = closed.get(LinkStores.CLOSED_UNTIL_KEY);
        closedUntil = stored == null ? 0 : stored;
        // It is unknown which windows were published before the last stop, so all open windows are published again.
        try (KeyValueIterator<Bytes, LinkWindow> open = windows.range(WindowKeys.from(closedUntil), null)) {
            open.forEachRemaining(item -> changed.add(item.key));
        }
    }

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
            // This is the first delta of the partition. Windows whose grace period is already over become final now, so
            // that the delta adds nothing to them.
            closeWindows(lastEnd(now));
        }
        Spread parts = spread.spread(delta.withoutMoves(), closedUntil);
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
    public void publish() {
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

    /** The end of the last window whose grace period is over, in microseconds since the epoch. */
    private long lastEnd(long now) {
        long passed = now - sizes.graceMicros();
        return passed - Math.floorMod(passed, sizes.sizeMicros());
    }

    /** Marks the windows that end at the given time or before as final, and publishes them for the last time. */
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
            if (sizes.retention().isZero()) {
                windows.delete(window.key);
            } else {
                windows.put(window.key, window.value, last);
            }
            changed.remove(window.key);
        }
        closedUntil = until;
        closed.put(LinkStores.CLOSED_UNTIL_KEY, closedUntil);
    }

    /** Deletes final windows whose retention is over, at most {@link #DELETE_LIMIT}. */
    private void deleteExpired() {
        long limit = closedUntil - sizes.retentionMicros();
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
