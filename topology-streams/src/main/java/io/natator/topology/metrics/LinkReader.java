package io.natator.topology.metrics;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.ledger.LedgerTotal;
import io.natator.topology.ledger.LedgerTotalStore;
import io.natator.topology.link.LinkStores;
import io.natator.topology.link.WindowRangeTotals;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.CommittedStores;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the partitions of this instance have committed. One that is on its way to or from another instance is left
 * out as a whole: half of it would be a counter that goes back. Thread-safe.
 */
public final class LinkReader {
    private static final Logger log = LoggerFactory.getLogger(LinkReader.class);

    private final CommittedStores stores;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();

    /** A reader of these stores. */
    public LinkReader(CommittedStores stores) {
        this.stores = stores;
    }

    /** A link and what it amounts to. */
    public record Link(LinkKey key, LinkTotals totals) {}

    /**
     * What one partition exports.
     *
     * @param links those with series of their own
     * @param prefixes sums of those that share series by address prefix, which is the name of that end
     * @param other sum of the rest, null if there is none
     * @param retired sum of the series that are no more, null if there is none
     */
    public record PartitionSeries(
            int number,
            List<Link> links,
            List<Link> prefixes,
            @Nullable LinkTotals other,
            @Nullable LinkTotals retired) {}

    /** The partitions that are here, in order. */
    List<PartitionSeries> partitions() {
        return each(LinkStores.SERIES, this::partition);
    }

    /**
     * Links of one partition.
     *
     * @param number of the partition
     */
    public record PartitionTotals(int number, List<Link> links) {}

    /** All links of the partitions that are here. */
    public List<PartitionTotals> totals() {
        return each(
                LinkStores.TOTALS,
                (Integer number, CommittedStore<Bytes, LinkTotals> totals) ->
                        new PartitionTotals(number, links(totals.committed())));
    }

    /**
     * What the links of the partitions that are here amounted to in the windows that start within a range.
     *
     * @param from inclusive
     * @param to exclusive
     */
    public List<PartitionTotals> windows(Instant from, Instant to) {
        return each(
                LinkStores.WINDOWS,
                (Integer number, CommittedStore<Bytes, LinkWindow> windows) ->
                        new PartitionTotals(number, links(WindowRangeTotals.of(windows, from, to))));
    }

    private List<Link> links(Map<Bytes, LinkTotals> totals) {
        return totals.entrySet().stream()
                .map(item -> new Link(linkKeys.decode(item.getKey().get()), item.getValue()))
                .toList();
    }

    /** What the ledger's partitions that are here have handed on, one for each. */
    List<LedgerTotal> attributed() {
        List<List<LedgerTotal>> partitions =
                each(LedgerTotalStore.STORE, (Integer number, CommittedStore<String, LedgerTotal> store) -> {
                    @Nullable LedgerTotal sum = store.committed(LedgerTotalStore.KEY);
                    return sum == null ? List.of() : List.of(sum);
                });
        return partitions.stream().flatMap(List::stream).toList();
    }

    private PartitionSeries partition(int number, CommittedStore<Bytes, byte[]> series) {
        CommittedStore<Bytes, LinkTotals> totals = store(LinkStores.TOTALS, number);
        List<Link> links = new ArrayList<>();
        for (Bytes key : series.committed().keySet()) {
            @Nullable LinkTotals value = totals.committed(key);
            if (value != null) {
                links.add(new Link(linkKeys.decode(key.get()), value));
            }
        }
        Map<String, LinkTotals> sums =
                this.<String, LinkTotals>store(LinkStores.OTHER, number).committed();
        List<Link> prefixes = sums.entrySet().stream()
                .filter(sum -> LinkStores.isPrefix(sum.getKey()))
                .map(sum -> new Link(linkKeys.decode(LinkStores.prefixLink(sum.getKey())), sum.getValue()))
                .toList();
        return new PartitionSeries(
                number, links, prefixes, sums.get(LinkStores.OTHER_KEY), sums.get(LinkStores.RETIRED_KEY));
    }

    /** What is read of each partition of a store, in order, without those that leave meanwhile. */
    private <K extends Comparable<? super K>, V, R> List<R> each(
            String name, BiFunction<Integer, CommittedStore<K, V>, R> read) {
        List<R> results = new ArrayList<>();
        for (int number : stores.partitions(name)) {
            try {
                results.add(read.apply(number, store(name, number)));
            } catch (InvalidStateStoreException e) {
                log.atDebug().addKeyValue("partition", number).log("A partition is moving and is left out");
            }
        }
        return results;
    }

    private <K extends Comparable<? super K>, V> CommittedStore<K, V> store(String name, int partition) {
        return stores.<K, V>find(name, partition)
                .orElseThrow(() -> new InvalidStateStoreException("the partition has left"));
    }
}
