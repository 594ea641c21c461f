package io.natator.topology.link;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Spreads a delta over the windows it covers, each by its share of the time, in whole numbers that add up to the delta
 * exactly. An opening belongs to the window of the start; an end, a failure and round-trip times to that of the end.
 */
final class WindowSpread {
    private WindowSpread() {}

    /**
     * A delta cut up.
     *
     * @param slices one per window, in order
     * @param lateBytes bytes of windows that are final already, both directions; they are in no slice
     */
    record Spread(List<Slice> slices, long lateBytes) {}

    /**
     * The part of a delta within one window.
     *
     * @param windowStart microseconds since the epoch
     */
    record Slice(long windowStart, LinkDelta part) {}

    /**
     * Cuts a delta up.
     *
     * @param sizeMicros length of a window
     * @param closedUntil end of the last final window, a multiple of the size
     */
    static Spread spread(LinkDelta delta, long sizeMicros, long closedUntil) {
        long from = delta.getFrom();
        long until = delta.getUntil();
        long lastWindow = until - Math.floorMod(until, sizeMicros);
        if (lastWindow < closedUntil) {
            return new Spread(List.of(), delta.getBytesToServer() + delta.getBytesToClient());
        }
        List<Slice> slices = new ArrayList<>(2);
        var share = new Share(delta);
        long lateBytes = 0;
        long start = from - Math.floorMod(from, sizeMicros);
        boolean opens = true;
        if (start < closedUntil) {
            LinkDelta late = share.upTo(Math.min(closedUntil, until), true, false);
            lateBytes = late.getBytesToServer() + late.getBytesToClient();
            start = closedUntil;
            opens = false;
        }
        for (; start <= lastWindow; start += sizeMicros) {
            boolean isLast = start == lastWindow;
            LinkDelta part = share.upTo(isLast ? until : start + sizeMicros, opens, isLast);
            if (!isEmpty(part)) {
                slices.add(new Slice(start, part));
            }
            opens = false;
        }
        return new Spread(slices, lateBytes);
    }

    /** What a delta that ends on a boundary leaves for the window behind it. */
    private static boolean isEmpty(LinkDelta part) {
        return (part.getBytesToServer()
                                | part.getBytesToClient()
                                | part.getSegmentsToServer()
                                | part.getSegmentsToClient()
                                | part.getConnectionsOpened()
                                | part.getConnectionsClosed()
                                | part.getConnectionsFailed()
                                | part.getRetransmits()
                                | part.getDurationMicros())
                        == 0
                && part.getFailure().isEmpty()
                && part.getRttSamples().isEmpty();
    }

    /** Hands out a delta piece by piece in the order of time. */
    private static final class Share {
        private final LinkDelta delta;
        private long position;

        Share(LinkDelta delta) {
            this.delta = delta;
            position = delta.getFrom();
        }

        LinkDelta upTo(long end, boolean opens, boolean ends) {
            LinkDelta part = new LinkDelta(
                    position,
                    end,
                    piece(delta.getBytesToServer(), end),
                    piece(delta.getBytesToClient(), end),
                    piece(delta.getSegmentsToServer(), end),
                    piece(delta.getSegmentsToClient(), end),
                    opens ? delta.getConnectionsOpened() : 0L,
                    ends ? delta.getConnectionsClosed() : 0L,
                    ends ? delta.getConnectionsFailed() : 0L,
                    ends ? delta.getFailure() : "",
                    piece(delta.getRetransmits(), end),
                    ends ? delta.getRttSamples() : List.of(),
                    ends ? delta.getDurationMicros() : 0L,
                    "",
                    0);
            position = end;
            return part;
        }

        private long piece(long total, long end) {
            return before(total, end) - (position == delta.getFrom() ? 0 : before(total, position));
        }

        /** How much of the total lies before a time, rounded down; all of it at the end. */
        private long before(long total, long time) {
            long span = delta.getUntil() - delta.getFrom();
            if (total == 0 || time >= delta.getUntil()) {
                return total;
            }
            long part = time - delta.getFrom();
            if (Math.multiplyHigh(total, part) == 0 && total * part >= 0) {
                return total * part / span;
            }
            return BigInteger.valueOf(total)
                    .multiply(BigInteger.valueOf(part))
                    .divide(BigInteger.valueOf(span))
                    .longValueExact();
        }
    }
}
