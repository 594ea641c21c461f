package io.natator.topology.link;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;

/**
 * Aggregates deltas by link and window until they are forwarded. Totals and windows come out as if each delta had been
 * forwarded alone: a delta that crosses the end of a window is split there as {@link WindowSpread} splits it. One
 * thread.
 */
public final class DeltaAggregator {
    private final WindowSpread windows;
    private final long sizeMicros;
    private final Map<Key, Aggregate> aggregates = new LinkedHashMap<>();

    private record Key(Bytes link, long windowStart) {}

    /** An aggregator without deltas. */
    public DeltaAggregator(Duration windowSize) {
        windows = new WindowSpread(windowSize);
        sizeMicros = windowSize.toNanos() / 1000;
    }

    /**
     * Adds a delta.
     *
     * @return false if the delta has to be forwarded as it is: it has a failure or reset with its reason, it covers
     *     more than two windows, or it crosses a window and carries labels, which cannot be split
     */
    public boolean add(Bytes link, LinkDelta delta) {
        if (!delta.failure().isEmpty()) {
            return false;
        }
        long until = delta.span().until();
        long first = windows.windowStart(delta.span().from());
        long last = windows.windowStart(until);
        if (first == last) {
            add(new Key(link, first), delta, until);
            return true;
        }
        if (last - first > sizeMicros || until == last || !delta.labels().isEmpty()) {
            return false;
        }
        for (WindowSpread.Slice slice : windows.spread(delta, first).slices()) {
            // The end of a window is the start of the next one, so a part that stays in this window ends before it.
            long within = Math.min(slice.part().span().until(), slice.window().until() - 1);
            add(new Key(link, slice.windowStart()), slice.part(), within);
        }
        return true;
    }

    private void add(Key key, LinkDelta part, long until) {
        aggregates.computeIfAbsent(key, absent -> new Aggregate()).add(part, until);
    }

    /** How many aggregates there are: one for each link and window. */
    public int size() {
        return aggregates.size();
    }

    /** Passes each aggregate to a consumer, in the order in which they were started, and removes them all. */
    public void drain(BiConsumer<Bytes, LinkDelta> next) {
        aggregates.forEach((key, aggregate) -> next.accept(key.link(), aggregate.toDelta()));
        aggregates.clear();
    }

    /** The deltas of one link and window so far. */
    private static final class Aggregate {
        private long from = Long.MAX_VALUE;
        private long until = Long.MIN_VALUE;
        private Traffic traffic = Traffic.NONE;
        private ConnectionCounts connections = ConnectionCounts.NONE;
        private long retransmits;
        private long durationMicros;
        private String clientOwner = "";
        private int dialledPort;
        private final List<Long> rttSamples = new ArrayList<>();

        void add(LinkDelta part, long partUntil) {
            from = Math.min(from, part.span().from());
            until = Math.max(until, partUntil);
            traffic = traffic.plus(part.traffic());
            connections = connections.plus(part.connections());
            retransmits += part.quality().retransmits();
            durationMicros += part.quality().durationMicros();
            rttSamples.addAll(part.quality().rttSamples());
            if (!part.labels().clientOwner().isEmpty()) {
                clientOwner = part.labels().clientOwner();
            }
            if (dialledPort == 0) {
                dialledPort = part.labels().dialledPort();
            }
        }

        LinkDelta toDelta() {
            return new LinkDelta(
                            new TimeSpan(from, until),
                            traffic,
                            connections,
                            new Quality(retransmits, rttSamples, durationMicros))
                    .withLabels(new CarettaLabels(clientOwner, dialledPort));
        }
    }
}
