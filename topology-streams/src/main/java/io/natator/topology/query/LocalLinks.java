package io.natator.topology.query;

import io.natator.topology.link.LinkReader;
import io.natator.topology.link.LinkReader.PartitionTotals;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Answers queries from the partitions of this instance.
 *
 * @param totals returns, for each partition, the totals of all links
 * @param windows returns, for each partition, the sums of all links over a range of time; arguments: from (inclusive),
 *     to (exclusive)
 */
record LocalLinks(Supplier<List<PartitionTotals>> totals, BiFunction<Instant, Instant, List<PartitionTotals>> windows) {
    static LocalLinks of(LinkReader reader) {
        return new LocalLinks(reader::totals, reader::windows);
    }

    List<PartitionLinks> read(LinkQuery query) {
        List<PartitionTotals> partitions = query.range()
                .map(range -> windows.apply(range.from(), range.to()))
                .orElseGet(totals);
        return partitions.stream()
                .map(partition -> PartitionLinks.of(partition, query))
                .toList();
    }
}
