package io.natator.topology.link;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.CommittedStores;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Reads the committed links of the partitions of this instance. A partition that is just moving to or from another
 * instance is skipped as a whole: if only some of its links could be read, counters would seem to decrease.
 * Thread-safe.
 */
public final class LinkReader {
    private final CommittedStores stores;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();

    /** Creates a reader of the committed stores of this instance. */
    public LinkReader(CommittedStores stores) {
        this.stores = stores;
    }

    public record Link(LinkKey key, LinkTotals totals) {}

    /**
     * The Prometheus series of one partition.
     *
     * @param number number of the partition
     * @param links links that have their own series
     * @param prefixes sums of links that share the series of an address prefix; the prefix is the name of the external
     *     end
     * @param other sum of all other links; null if there are none
     * @param retired sum of the last totals of all retired series; null if there are none
     */
    public record PartitionSeries(
            int number,
            List<Link> links,
            List<Link> prefixes,
            @Nullable LinkTotals other,
            @Nullable LinkTotals retired) {}

    /** Returns the series of each partition of this instance, ordered by partition number. */
    public List<PartitionSeries> series() {
        return stores.readEach(LinkStores.SERIES, this::partition);
    }

    /**
     * All links of one partition.
     *
     * @param number number of the partition
     */
    public record PartitionTotals(int number, List<Link> links) {}

    /** Returns the totals of all links of each partition of this instance, ordered by partition number. */
    public List<PartitionTotals> totals() {
        return stores.readEach(
                LinkStores.TOTALS,
                (Integer number, CommittedStore<Bytes, LinkTotals> totals) ->
                        new PartitionTotals(number, links(totals.committed())));
    }

    /**
     * Returns for each link the sum of its windows that start within a range of time. The result has one element for
     * each partition of this instance, ordered by partition number.
     *
     * @param from inclusive
     * @param to exclusive
     */
    public List<PartitionTotals> windows(Instant from, Instant to) {
        return stores.readEach(
                LinkStores.WINDOWS,
                (Integer number, CommittedStore<Bytes, LinkWindow> windows) ->
                        new PartitionTotals(number, links(WindowRangeTotals.of(windows, from, to))));
    }

    private List<Link> links(Map<Bytes, LinkTotals> totals) {
        return totals.entrySet().stream()
                .map(item -> new Link(linkKeys.decode(item.getKey().get()), item.getValue()))
                .toList();
    }

    private PartitionSeries partition(int number, CommittedStore<Bytes, byte[]> series) {
        CommittedStore<Bytes, LinkTotals> totals = stores.require(LinkStores.TOTALS, number);
        List<Link> links = new ArrayList<>();
        for (Bytes key : series.committed().keySet()) {
            @Nullable LinkTotals value = totals.committed(key);
            if (value != null) {
                links.add(new Link(linkKeys.decode(key.get()), value));
            }
        }
        Map<String, LinkTotals> sums =
                stores.<String, LinkTotals>require(LinkStores.OTHER, number).committed();
        List<Link> prefixes = sums.entrySet().stream()
                .filter(sum -> LinkStores.isPrefix(sum.getKey()))
                .map(sum -> new Link(linkKeys.decode(LinkStores.prefixLink(sum.getKey())), sum.getValue()))
                .toList();
        return new PartitionSeries(
                number, links, prefixes, sums.get(LinkStores.OTHER_KEY), sums.get(LinkStores.RETIRED_KEY));
    }
}
