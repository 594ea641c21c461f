package io.natator.topology.link;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.link.SeriesLimits.SeriesInUse;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * The Prometheus series that several links of one partition share because the links have no series of their own. There
 * is one series for each address prefix, as far as {@link SeriesLimits} permits, and one series for all other links. A
 * delta of a link without its own series is counted in exactly one shared series. The sums are durable and never
 * decrease, so the sum over all series equals the sum over all links. A prefix is retired (removed) when it has been
 * idle for {@code --link-retention}, because then all links counted in the prefix are idle too. Must be used by one
 * thread.
 */
final class SharedSeries {
    private final SeriesLimits limits;
    private final TopologyStatistics statistics;
    private final CommittedStore<String, LinkTotals> sums;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();
    private final Set<String> prefixes = new HashSet<>();

    /**
     * Reads the address prefixes of one partition from the store.
     *
     * @param limits limits of this partition
     * @param sums the store {@link LinkStores#OTHER}; not closed here
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

    /**
     * Whether the limits permit that one more link gets its own series.
     *
     * @param ownSeries number of links with their own series
     */
    boolean hasCapacityFor(int ownSeries) {
        return limits.admitsLink(inUse(ownSeries));
    }

    private SeriesInUse inUse(int ownSeries) {
        return new SeriesInUse(ownSeries, prefixes.size());
    }

    /**
     * Adds a delta of a link without its own series to the shared series that counts the link.
     *
     * @param isNew whether the delta is the first one of the link
     * @param ownSeries number of links with their own series
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

    /**
     * The store key of the address prefix that counts the link. A new prefix is added if the limits permit it. Null if
     * no prefix counts the link.
     */
    private @Nullable String prefix(Bytes link, int ownSeries) {
        @Nullable LinkKey key = AddressPrefixes.of(linkKeys.decode(link.get()), limits);
        if (key == null) {
            return null;
        }
        String prefix = LinkStores.prefixKey(linkKeys.encode(key));
        if (prefixes.contains(prefix)) {
            return prefix;
        }
        if (!limits.admitsPrefix(inUse(ownSeries))) {
            return null;
        }
        prefixes.add(prefix);
        return prefix;
    }

    /** Adds the last totals of a retired series to the sum of retired series. */
    void addRetired(LinkTotals last) {
        sums.put(LinkStores.RETIRED_KEY, LinkAggregates.add(sums.get(LinkStores.RETIRED_KEY), last));
    }

    /**
     * Removes the address prefixes that were last seen at the given time or before, and adds their totals to the sum of
     * retired series.
     */
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
