package io.natator.topology.link;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;

/**
 * Adds up deltas (growth of links) for each link and time window, until the sums are forwarded. Totals and windows come
 * out the same as if each delta was forwarded alone, because {@link WindowSpread} splits a delta that crosses the end
 * of a window. Must be used by one thread.
 */
public final class DeltaAggregator {
    private final WindowSpread windows;
    private final long sizeMicros;
    private final Map<Key, Aggregate> aggregates = new LinkedHashMap<>();

    private record Key(Bytes link, long windowStart) {}

    public DeltaAggregator(Duration windowSize) {
        windows = new WindowSpread(windowSize);
        sizeMicros = Micros.of(windowSize);
    }

    /**
     * Adds a delta.
     *
     * @return false if the caller has to forward the delta unchanged. This is the case if the delta has the reason of a
     *     failure or reset, if it covers more than two windows, or if it carries labels and crosses the end of a
     *     window, because labels cannot be split
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
            // The end of a window is the start of the next window. So a part must end before it, or it would be added
            // to the next window.
            long within = Math.min(slice.part().span().until(), slice.window().until() - 1);
            add(new Key(link, slice.windowStart()), slice.part(), within);
        }
        return true;
    }

    private void add(Key key, LinkDelta part, long until) {
        aggregates.computeIfAbsent(key, absent -> new Aggregate()).add(part, until);
    }

    /** The number of sums in memory. There is one for each link and window. */
    public int size() {
        return aggregates.size();
    }

    /** Passes all sums to a consumer, in the order of their first deltas, and removes them. */
    public void drain(BiConsumer<Bytes, LinkDelta> next) {
        aggregates.forEach((key, aggregate) -> next.accept(key.link(), aggregate.toDelta()));
        aggregates.clear();
    }

    /** The sum of the deltas of one link and window. */
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
                            TimeSpan.from(from).until(until),
                            traffic,
                            connections,
                            new Quality(retransmits, rttSamples, durationMicros))
                    .withLabels(new CarettaLabels(clientOwner, dialledPort));
        }
    }
}
