package io.natator.topology.link;

import io.natator.topology.link.WindowSpread.Slice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;

/**
 * Deltas summed up by link and window until they are handed on: totals and windows come out as they would of the deltas
 * one by one. A delta that crosses the end of a window is cut there as {@link WindowSpread} cuts it. One thread.
 */
public final class DeltaAggregator {
    private final long sizeMicros;
    private final Map<Key, Sum> sums = new LinkedHashMap<>();

    private record Key(Bytes link, long windowStart) {}

    /** None. */
    public DeltaAggregator(Duration windowSize) {
        sizeMicros = windowSize.toNanos() / 1000;
    }

    /**
     * Takes a delta in.
     *
     * @return false if it is to be handed on as it is: it tells why a connection failed, or it covers many windows, or it
     *     is cut and more than numbers would be
     */
    public boolean add(Bytes link, LinkDelta delta) {
        if (!delta.getFailure().isEmpty()) {
            return false;
        }
        long first = window(delta.getFrom());
        long last = window(delta.getUntil());
        if (first == last) {
            add(link, first, delta.getUntil(), delta);
            return true;
        }
        if (last - first > sizeMicros
                || delta.getUntil() == last
                || !delta.getClientOwner().isEmpty()
                || delta.getDialledPort() != 0) {
            return false;
        }
        for (Slice slice : WindowSpread.spread(delta, sizeMicros, first).slices()) {
            // The end of a window belongs to the next one.
            long until = Math.min(slice.part().getUntil(), slice.windowStart() + sizeMicros - 1);
            add(link, slice.windowStart(), until, slice.part());
        }
        return true;
    }

    private long window(long micros) {
        return micros - Math.floorMod(micros, sizeMicros);
    }

    private void add(Bytes link, long windowStart, long until, LinkDelta part) {
        sums.computeIfAbsent(new Key(link, windowStart), key -> new Sum()).add(until, part);
    }

    /** How many sums there are. */
    public int size() {
        return sums.size();
    }

    /** Hands on the sums, in the order in which they were begun, and begins anew. */
    public void drain(BiConsumer<Bytes, LinkDelta> next) {
        sums.forEach((key, sum) -> next.accept(key.link(), sum.delta()));
        sums.clear();
    }

    /** One in the making. */
    private static final class Sum {
        private long from = Long.MAX_VALUE;
        private long until = Long.MIN_VALUE;
        private long bytesToServer;
        private long bytesToClient;
        private long segmentsToServer;
        private long segmentsToClient;
        private long opened;
        private long closed;
        private long failed;
        private long retransmits;
        private long durationMicros;
        private String clientOwner = "";
        private int dialledPort;
        private final List<Long> rttSamples = new ArrayList<>();

        void add(long partUntil, LinkDelta part) {
            from = Math.min(from, part.getFrom());
            until = Math.max(until, partUntil);
            bytesToServer += part.getBytesToServer();
            bytesToClient += part.getBytesToClient();
            segmentsToServer += part.getSegmentsToServer();
            segmentsToClient += part.getSegmentsToClient();
            opened += part.getConnectionsOpened();
            closed += part.getConnectionsClosed();
            failed += part.getConnectionsFailed();
            retransmits += part.getRetransmits();
            durationMicros += part.getDurationMicros();
            if (!part.getClientOwner().isEmpty()) {
                clientOwner = part.getClientOwner();
            }
            if (dialledPort == 0) {
                dialledPort = part.getDialledPort();
            }
            rttSamples.addAll(part.getRttSamples());
        }

        LinkDelta delta() {
            return new LinkDelta(
                    from,
                    until,
                    bytesToServer,
                    bytesToClient,
                    segmentsToServer,
                    segmentsToClient,
                    opened,
                    closed,
                    failed,
                    "",
                    retransmits,
                    rttSamples,
                    durationMicros,
                    clientOwner,
                    dialledPort);
        }
    }
}
