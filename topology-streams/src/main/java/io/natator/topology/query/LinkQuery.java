package io.natator.topology.query;

import io.natator.schemas.LinkKey;
import io.natator.topology.link.LinkReader.Link;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A query for links.
 *
 * @param raw the query string as it was received; it is forwarded to the other instances. Empty if there was none
 * @param filter accepts the links that match
 * @param order order of the links in the result
 * @param limit maximum number of links in the result
 * @param range only traffic in this range of time is counted; empty to count all traffic since the links were first
 *     seen
 */
record LinkQuery(String raw, Predicate<LinkKey> filter, Comparator<Link> order, int limit, Optional<TimeRange> range) {
    private static final List<String> PARAMETERS = Stream.concat(
                    Stream.of("limit", "sort", "from", "to"), LinkFilter.PARAMETERS.stream())
            .toList();

    private static final Map<String, Comparator<Link>> ORDERS = new TreeMap<>(Map.of(
            "bytes", Comparator.comparingLong(LinkQuery::bytes),
            "connections", Comparator.comparingLong(link -> link.totals().getConnectionsOpened()),
            "failures", Comparator.comparingLong(LinkQuery::failures),
            "retransmits", Comparator.comparingLong(link -> link.totals().getRetransmits()),
            "lastSeen", Comparator.comparing(link -> link.totals().getLastSeen())));

    /**
     * Parses a query string.
     *
     * @param query the query string, null if there is none
     * @param windows decides which ranges of time can be queried
     * @throws IllegalArgumentException if a parameter is wrong; the message is one line that says what to correct
     */
    static LinkQuery of(@Nullable String query, AvailableWindows windows) {
        QueryParameters parameters = QueryParameters.of(query, PARAMETERS);
        return new LinkQuery(
                query == null ? "" : query,
                LinkFilter.of(parameters),
                order(parameters.text("sort").orElse("bytes")),
                parameters.count("limit", QueryLoadLimits.MAX_LINKS).orElse(QueryLoadLimits.DEFAULT_LINKS),
                range(parameters, windows));
    }

    private static Comparator<Link> order(String name) {
        Comparator<Link> order = ORDERS.get(name);
        if (order == null) {
            throw new IllegalArgumentException(
                    "cannot sort by '" + name + "': use " + String.join(", ", ORDERS.keySet()));
        }
        return order.reversed();
    }

    private static Optional<TimeRange> range(QueryParameters parameters, AvailableWindows windows) {
        Optional<Instant> from = parameters.time("from");
        Optional<Instant> to = parameters.time("to");
        if (from.isEmpty() && to.isPresent()) {
            throw new IllegalArgumentException("to without from: give from too");
        }
        return from.map(start -> windows.range(start, to));
    }

    private static long bytes(Link link) {
        return link.totals().getBytesToServer() + link.totals().getBytesToClient();
    }

    private static long failures(Link link) {
        return link.totals().getFailures().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }
}
