package io.natator.topology.link;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a delta (growth of a link over a span of time) into one part for each time window that it covers, in
 * proportion to time. The parts are whole numbers, and their sum is exactly the delta. The opening of a connection is
 * counted in the window in which the delta starts. A close, a failure and round-trip times are counted in the window in
 * which the delta ends. Pure.
 */
final class WindowSpread {
    private final long sizeMicros;

    /** Creates a splitter for windows of this length. Windows start at multiples of the length since the epoch. */
    WindowSpread(Duration windowSize) {
        sizeMicros = Micros.of(windowSize);
    }

    /**
     * A delta that is split into one part for each window.
     *
     * @param slices one part for each open window, in order of time
     * @param lateBytes payload bytes in both directions that are in no slice, because they belong to windows that are
     *     already final
     */
    record Spread(List<Slice> slices, long lateBytes) {}

    /** The part of a delta that lies in one window. */
    record Slice(TimeSpan window, LinkDelta part) {
        /** The start of the window, in microseconds since the epoch. */
        long windowStart() {
            return window.from();
        }
    }

    /** The start of the window that contains a time. Both times are in microseconds since the epoch. */
    long windowStart(long micros) {
        return micros - Math.floorMod(micros, sizeMicros);
    }

    /**
     * Splits a delta.
     *
     * @param closedUntil end of the last final window, in microseconds since the epoch; a multiple of the window's
     *     length
     */
    Spread spread(LinkDelta delta, long closedUntil) {
        long until = delta.span().until();
        long lastWindow = windowStart(until);
        if (lastWindow < closedUntil) {
            return new Spread(List.of(), delta.traffic().bytes());
        }
        List<Slice> slices = new ArrayList<>(2);
        var share = new Share(delta);
        long lateBytes = 0;
        long start = windowStart(delta.span().from());
        boolean opens = true;
        if (start < closedUntil) {
            lateBytes = share.upTo(Math.min(closedUntil, until), true, false)
                    .traffic()
                    .bytes();
            start = closedUntil;
            opens = false;
        }
        for (; start <= lastWindow; start += sizeMicros) {
            boolean isLast = start == lastWindow;
            long end = start + sizeMicros;
            LinkDelta part = share.upTo(isLast ? until : end, opens, isLast);
            if (!isEmpty(part)) {
                slices.add(new Slice(TimeSpan.from(start).until(end), part));
            }
            opens = false;
        }
        return new Spread(slices, lateBytes);
    }

    /** Whether a part contains nothing. This happens if the delta ends exactly at the start of a window. */
    private static boolean isEmpty(LinkDelta part) {
        return part.traffic().equals(Traffic.NONE)
                && part.connections().equals(ConnectionCounts.NONE)
                && part.failure().isEmpty()
                && part.quality().equals(Quality.NONE);
    }

    /** Cuts a delta into consecutive parts. Each call of {@link #upTo} returns the next part. */
    private static final class Share {
        private final LinkDelta delta;
        private long position;

        Share(LinkDelta delta) {
            this.delta = delta;
            position = delta.span().from();
        }

        LinkDelta upTo(long end, boolean opens, boolean ends) {
            ConnectionCounts connections = delta.connections();
            Quality quality = delta.quality();
            var part = new LinkDelta(
                    TimeSpan.from(position).until(end),
                    delta.traffic().map(total -> piece(total, end)),
                    ConnectionCounts.builder()
                            .opened(opens ? connections.opened() : 0)
                            .closed(ends ? connections.closed() : 0)
                            .failed(ends ? connections.failed() : 0)
                            .moved(ends ? connections.moved() : 0)
                            .build(),
                    ends ? delta.failure() : "",
                    new Quality(
                            piece(quality.retransmits(), end),
                            ends ? quality.rttSamples() : List.of(),
                            ends ? quality.durationMicros() : 0),
                    CarettaLabels.NONE);
            position = end;
            return part;
        }

        private long piece(long total, long end) {
            return before(total, end) - (position == delta.span().from() ? 0 : before(total, position));
        }

        /**
         * The share of a counter's growth that lies before a time, rounded down. At the end of the delta this is the
         * whole growth.
         */
        private long before(long total, long time) {
            long from = delta.span().from();
            long until = delta.span().until();
            if (total == 0 || time >= until) {
                return total;
            }
            long part = time - from;
            if (Math.multiplyHigh(total, part) == 0 && total * part >= 0) {
                return total * part / (until - from);
            }
            return BigInteger.valueOf(total)
                    .multiply(BigInteger.valueOf(part))
                    .divide(BigInteger.valueOf(until - from))
                    .longValueExact();
        }
    }
}
