package io.natator.topology.query;

import java.time.Duration;

/** The limits of the query API: how many links a result has, and how many queries run at the same time. */
final class QueryLoadLimits {
    /** Maximum number of links in a result if a query has no parameter {@code limit}. */
    static final int DEFAULT_LINKS = 10_000;

    /** Maximum value of the parameter {@code limit}. */
    static final int MAX_LINKS = 100_000;

    /** Maximum number of queries at the same time. Limits memory, because each query holds its result. */
    static final int MAX_QUERIES = 8;

    /**
     * Maximum number of threads that read the links of this instance at the same time. Limits memory, because each
     * thread holds all links of this instance.
     */
    static final int MAX_READERS = 2;

    /** Maximum time that a query waits until it may read the links of this instance. */
    static final Duration READER_WAIT = Duration.ofSeconds(3);

    private QueryLoadLimits() {}
}
