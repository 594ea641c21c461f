package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Adds deltas to the totals and windows of links. Pure: each method returns a new record and changes no argument. */
final class LinkAggregates {
    private LinkAggregates() {}

    /**
     * Adds a delta to the totals of its link, and returns the new totals.
     *
     * @param totals null before the first delta
     */
    static LinkTotals add(@Nullable LinkTotals totals, LinkDelta delta) {
        Instant from = Micros.instant(delta.span().from());
        Instant until = Micros.instant(delta.span().until());
        CarettaLabels labels = delta.labels();
        if (totals == null) {
            return LinkCounters.NONE
                    .plus(delta)
                    .toTotals()
                    .setFirstSeen(from)
                    .setLastSeen(until)
                    .setClientOwner(labels.clientOwner())
                    .setDialledPort(labels.dialledPort())
                    .build();
        }
        String owner = labels.clientOwner();
        return LinkCounters.of(totals)
                .plus(delta)
                .toTotals()
                .setFirstSeen(earlier(totals.getFirstSeen(), from))
                .setLastSeen(later(totals.getLastSeen(), until))
                .setClientOwner(owner.isEmpty() ? totals.getClientOwner() : owner)
                .setDialledPort(totals.getDialledPort() == 0 ? labels.dialledPort() : totals.getDialledPort())
                .build();
    }

    /**
     * Adds up two totals. The sum has no values for Caretta's labels.
     *
     * @param one null if there is no first total
     */
    static LinkTotals add(@Nullable LinkTotals one, LinkTotals other) {
        if (one == null) {
            return other;
        }
        return LinkCounters.of(one)
                .plus(LinkCounters.of(other))
                .toTotals()
                .setFirstSeen(earlier(one.getFirstSeen(), other.getFirstSeen()))
                .setLastSeen(later(one.getLastSeen(), other.getLastSeen()))
                .setClientOwner("")
                .setDialledPort(0)
                .build();
    }

    /**
     * Adds a time window to the totals of its link, and returns the new totals.
     *
     * @param totals null before the first window
     */
    static LinkTotals add(@Nullable LinkTotals totals, LinkWindow window) {
        return add(
                totals,
                LinkCounters.of(window)
                        .toTotals()
                        .setFirstSeen(window.getWindowStart())
                        .setLastSeen(window.getWindowEnd())
                        .setClientOwner("")
                        .setDialledPort(0)
                        .build());
    }

    /**
     * Adds the part of a delta that lies in a time window to this window, and returns the new window.
     *
     * @param window null before the first delta
     */
    static LinkWindow add(@Nullable LinkWindow window, WindowSpread.Slice slice) {
        LinkCounters before = window == null ? LinkCounters.NONE : LinkCounters.of(window);
        return before.plus(slice.part())
                .toWindow()
                .setWindowStart(Micros.instant(slice.window().from()))
                .setWindowEnd(Micros.instant(slice.window().until()))
                .setLast(false)
                .build();
    }

    /** Returns the same window, marked as final (it does not change any more). */
    static LinkWindow finalWindow(LinkWindow window) {
        return LinkCounters.of(window)
                .toWindow()
                .setWindowStart(window.getWindowStart())
                .setWindowEnd(window.getWindowEnd())
                .setLast(true)
                .build();
    }

    private static Instant earlier(Instant one, Instant other) {
        return other.isBefore(one) ? other : one;
    }

    private static Instant later(Instant one, Instant other) {
        return other.isAfter(one) ? other : one;
    }
}
