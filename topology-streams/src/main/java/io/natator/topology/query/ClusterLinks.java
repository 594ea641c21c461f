package io.natator.topology.query;

import io.natator.topology.link.LinkReader.Link;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * Answers queries for links of the whole cluster. It merges the links of this instance's partitions with those of the
 * other instances' partitions. A result is complete if it contains every partition exactly once. An incomplete result
 * says what is missing. Thread-safe.
 */
public final class ClusterLinks {
    private final LocalLinks local;
    private final Function<LinkQuery, OtherInstances.Replies> peers;
    private final IntSupplier partitions;
    private final Completeness completeness;
    private final Semaphore free = new Semaphore(QueryLoadLimits.MAX_QUERIES);
    private final Semaphore readers = new Semaphore(QueryLoadLimits.MAX_READERS);

    /**
     * Creates an object that queries this instance and the other instances.
     *
     * @param partitions number of partitions of all instances together
     * @param completeness what an answer lacks
     */
    ClusterLinks(
            LocalLinks local,
            Function<LinkQuery, OtherInstances.Replies> peers,
            IntSupplier partitions,
            Completeness completeness) {
        this.local = local;
        this.peers = peers;
        this.partitions = partitions;
        this.completeness = completeness;
    }

    /**
     * The links of all instances that match a query.
     *
     * @param total number of links that match
     * @param links the first links that match, in the order of the query
     * @param missing one line for each part that the result lacks; empty if the result is complete
     */
    record ClusterResult(int total, List<Link> links, List<String> missing) {}

    /** Thrown if a query cannot be answered at present; the message says why. */
    static final class UnavailableException extends Exception {
        UnavailableException(String why) {
            super(why, null, false, false);
        }
    }

    ClusterResult query(LinkQuery query) throws UnavailableException {
        Optional<String> why = completeness.unavailable().get();
        if (why.isPresent()) {
            throw new UnavailableException(why.get());
        }
        if (!free.tryAcquire()) {
            throw new UnavailableException(
                    QueryLoadLimits.MAX_QUERIES + " queries are being answered already: try again later");
        }
        try {
            return merged(query, ownPartitions(query), peers.apply(query));
        } finally {
            free.release();
        }
    }

    /** Returns the links that match a query, only from the partitions of this instance. */
    List<PartitionLinks> ownPartitions(LinkQuery query) throws UnavailableException {
        try {
            if (!readers.tryAcquire(QueryLoadLimits.READER_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new UnavailableException("too many queries read the links at once: try again later");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("the instance is stopping");
        }
        try {
            return local.read(query);
        } finally {
            readers.release();
        }
    }

    private ClusterResult merged(LinkQuery query, List<PartitionLinks> own, OtherInstances.Replies others)
            throws UnavailableException {
        List<String> missing = new ArrayList<>(others.unreachable());
        Map<Integer, PartitionLinks> answered = new HashMap<>();
        own.forEach(partition -> answered.put(partition.number(), partition));
        for (PartitionLinks partition : others.partitions()) {
            if (answered.putIfAbsent(partition.number(), partition) != null) {
                missing.add("partition " + partition.number() + " is on the move: two instances have it");
            }
        }
        List<Integer> silent = IntStream.range(0, partitions.getAsInt())
                .filter(number -> !answered.containsKey(number))
                .boxed()
                .toList();
        if (!silent.isEmpty()) {
            missing.add("no instance has partitions " + silent + " ready: they are being taken over or restored");
        }
        if (answered.isEmpty() && !missing.isEmpty()) {
            throw new UnavailableException(String.join("; ", missing));
        }
        completeness.names().get().ifPresent(missing::add);
        int total = answered.values().stream().mapToInt(PartitionLinks::total).sum();
        List<Link> links = answered.values().stream()
                .flatMap(partition -> partition.links().stream())
                .sorted(query.order())
                .limit(query.limit())
                .toList();
        return new ClusterResult(total, links, missing);
    }
}
