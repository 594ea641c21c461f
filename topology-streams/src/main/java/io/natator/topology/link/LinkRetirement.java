package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.topology.state.CommittedStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * Decides when links are retired (removed): a link that has had no report for the time {@code --link-retention}. To
 * find such links, a sweep reads the totals of all links in small steps. There are several sweeps in each retention
 * time. Must be used by one thread.
 */
final class LinkRetirement {
    /** Maximum number of links that one step of a sweep checks. New records wait during a step. */
    private static final int LINKS_PER_STEP = 2_000;

    private static final int SWEEPS_PER_RETENTION = 24;

    private final Duration retention;
    private final CommittedStore<Bytes, LinkTotals> totals;

    /** The key at which the next step of the sweep starts; null to start at the first key. */
    private @Nullable Bytes nextKey;

    /** When the next sweep starts, in microseconds since the epoch. */
    private long nextSweepMicros = Long.MIN_VALUE;

    /** Retires links and address prefixes when {@link #step} has found that they are idle. */
    interface Retirees {
        /**
         * Retires the address prefixes that were last seen at the given time or before. Called at the end of each
         * sweep.
         */
        void retirePrefixes(Instant idleSince);

        void retireLink(Bytes link);
    }

    /**
     * Creates a sweep that starts with the first link.
     *
     * @param retention time after which an idle link is retired (removed)
     * @param totals the totals of all links; not closed here
     */
    LinkRetirement(Duration retention, CommittedStore<Bytes, LinkTotals> totals) {
        this.retention = retention;
        this.totals = totals;
    }

    /** Time between the starts of two sweeps. */
    static Duration sweepInterval(Duration retention) {
        return retention.dividedBy(SWEEPS_PER_RETENTION);
    }

    /**
     * Checks the next links of the current sweep, and retires the idle ones. Does nothing in the time between two
     * sweeps.
     *
     * @param now the partition's clock, in microseconds since the epoch; not positive before the first record
     */
    void step(long now, Retirees retirees) {
        if (now < nextSweepMicros || now <= 0) {
            return;
        }
        Instant idleSince = Micros.instant(now).minus(retention);
        List<Bytes> idle = nextIdleLinks(idleSince);
        if (nextKey == null) {
            retirees.retirePrefixes(idleSince);
            nextSweepMicros = now + Micros.of(sweepInterval(retention));
        }
        idle.forEach(retirees::retireLink);
    }

    private List<Bytes> nextIdleLinks(Instant idleSince) {
        List<Bytes> idle = new ArrayList<>();
        try (KeyValueIterator<Bytes, LinkTotals> links = totals.range(nextKey, null)) {
            for (int checked = 0; links.hasNext() && checked < LINKS_PER_STEP; checked++) {
                var link = links.next();
                if (!link.value.getLastSeen().isAfter(idleSince)) {
                    idle.add(link.key);
                }
            }
            nextKey = links.hasNext() ? links.peekNextKey() : null;
        }
        return idle;
    }
}
