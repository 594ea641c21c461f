package io.natator.topology.link;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.TopologyStatistics;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * The series that links without series of their own share in one partition: one for each address prefix, as long as there
 * is place, and one for the rest. Each delta is counted in one of them, in a durable sum that only grows, so the sum over
 * all series is that over all links. A prefix stays until nothing was heard of it for the retention of links; by then all
 * links counted in it are idle too. One task.
 */
final class SharedSeries {
    private final SeriesLimits bounds;
    private final TopologyStatistics statistics;
    private final CommittedStore<String, LinkTotals> sums;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();
    private final Set<String> prefixes = new HashSet<>();

    /**
     * The series that are stored.
     *
     * @param bounds of the partition
     * @param sums stays the caller's
     */
    SharedSeries(SeriesLimits bounds, TopologyStatistics statistics, CommittedStore<String, LinkTotals> sums) {
        this.bounds = bounds;
        this.statistics = statistics;
        this.sums = sums;
        try (KeyValueIterator<String, LinkTotals> stored = sums.all()) {
            stored.forEachRemaining(item -> {
                if (LinkStores.isPrefix(item.key)) {
                    prefixes.add(item.key);
                }
            });
        }
    }

    /** Whether one more link can have a series of its own. */
    boolean hasCapacityFor(int ownSeries) {
        return ownSeries < bounds.links() && ownSeries + prefixes.size() < bounds.limit();
    }

    /**
     * Counts a delta of a link that has no series of its own.
     *
     * @param isNew whether it is the link's first
     * @param ownSeries how many links have their own
     */
    void add(Bytes link, LinkDelta delta, boolean isNew, int ownSeries) {
        @Nullable String prefix = bounds.prefixPercent() == 0 ? null : prefix(link, ownSeries);
        if (isNew) {
            (prefix == null ? statistics.otherLinks : statistics.prefixedLinks).increment();
        }
        String series = prefix == null ? LinkStores.OTHER_KEY : prefix;
        @Nullable LinkTotals sum = sums.get(series);
        sums.put(series, sum, LinkAggregates.add(sum, delta));
    }

    /** The prefix that the link is counted in, null where there is none for it. */
    private @Nullable String prefix(Bytes link, int ownSeries) {
        @Nullable LinkKey key = AddressPrefixes.of(linkKeys.decode(link.get()), bounds);
        if (key == null) {
            return null;
        }
        String prefix = LinkStores.prefixKey(linkKeys.encode(key));
        if (prefixes.contains(prefix)) {
            return prefix;
        }
        if (prefixes.size() >= bounds.prefixes() || ownSeries + prefixes.size() >= bounds.limit()) {
            return null;
        }
        prefixes.add(prefix);
        return prefix;
    }

    /** A series is no more: what it amounted to stays in the sum of those. */
    void addRetired(LinkTotals last) {
        sums.put(LinkStores.RETIRED_KEY, LinkAggregates.add(sums.get(LinkStores.RETIRED_KEY), last));
    }

    /** Retires the prefixes of which nothing was heard after this. */
    void retireIdle(Instant idleSince) {
        for (String prefix : List.copyOf(prefixes)) {
            @Nullable LinkTotals sum = sums.get(prefix);
            if (sum != null && !sum.getLastSeen().isAfter(idleSince)) {
                sums.delete(prefix);
                prefixes.remove(prefix);
                addRetired(sum);
            }
        }
    }
}
