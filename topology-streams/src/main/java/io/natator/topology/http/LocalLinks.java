package io.natator.topology.http;

import io.natator.topology.export.LinkReader;
import io.natator.topology.export.LinkReader.Held;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Answers queries from the partitions of this instance.
 *
 * @param totals all links of each partition
 * @param windows the same of a range of time
 */
record LocalLinks(Supplier<List<Held>> totals, BiFunction<Instant, Instant, List<Held>> windows) {
    static LocalLinks of(LinkReader reader) {
        return new LocalLinks(reader::totals, reader::windows);
    }

    List<PartitionLinks> answer(LinkQuery query) {
        List<Held> held = query.range()
                .map(range -> windows.apply(range.from(), range.to()))
                .orElseGet(totals);
        return held.stream()
                .map(partition -> PartitionLinks.of(partition, query))
                .toList();
    }
}
