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
 * The shared series of one partition, for links without their own series. There is one for each address prefix, as far
 * as the limit permits, and one for all other links. Each delta of such a link is counted in exactly one of them. The
 * sums are durable and only grow, so the sum over all series equals the sum over all links. A prefix is retired after
 * it has been idle for the retention of links, because then all links counted in it are idle too. One thread.
 */
final class SharedSeries {
    private final SeriesLimits limits;
    private final TopologyStatistics statistics;
    private final CommittedStore<String, LinkTotals> sums;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();
    private final Set<String> prefixes = new HashSet<>();

    /**
     * The series of a store.
     *
     * @param limits limits of the partition
     * @param sums not closed here
     */
    SharedSeries(SeriesLimits limits, TopologyStatistics statistics, CommittedStore<String, LinkTotals> sums) {
        this.limits = limits;
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
        return ownSeries < limits.links() && ownSeries + prefixes.size() < limits.limit();
    }

    /**
     * Counts a delta of a link that has no series of its own.
     *
     * @param isNew whether it is the first delta of the link
     * @param ownSeries number of links with series of their own
     */
    void add(Bytes link, LinkDelta delta, boolean isNew, int ownSeries) {
        @Nullable String prefix = limits.prefixPercent() == 0 ? null : prefix(link, ownSeries);
        if (isNew) {
            (prefix == null ? statistics.otherLinks : statistics.prefixedLinks).increment();
        }
        String series = prefix == null ? LinkStores.OTHER_KEY : prefix;
        @Nullable LinkTotals sum = sums.get(series);
        sums.put(series, sum, LinkAggregates.add(sum, delta));
    }

    /** The key of the prefix under which the link is counted, null if there is none. */
    private @Nullable String prefix(Bytes link, int ownSeries) {
        @Nullable LinkKey key = AddressPrefixes.of(linkKeys.decode(link.get()), limits);
        if (key == null) {
            return null;
        }
        String prefix = LinkStores.prefixKey(linkKeys.encode(key));
        if (prefixes.contains(prefix)) {
            return prefix;
        }
        if (prefixes.size() >= limits.prefixes() || ownSeries + prefixes.size() >= limits.limit()) {
            return null;
        }
        prefixes.add(prefix);
        return prefix;
    }

    /** Adds the last totals of a retired series to the sum of retired series. */
    void addRetired(LinkTotals last) {
        sums.put(LinkStores.RETIRED_KEY, LinkAggregates.add(sums.get(LinkStores.RETIRED_KEY), last));
    }

    /** Retires the prefixes that were last seen at this time or before. */
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
