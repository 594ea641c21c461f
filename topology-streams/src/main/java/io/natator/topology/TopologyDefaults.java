package io.natator.topology;

/**
 * The default value of each option of {@link TopologyOptions}, as a user would write it. Durations have a unit: ms, s,
 * m, h or d.
 */
final class TopologyDefaults {
    static final String APPLICATION_ID = "natator-topology";
    static final String STATE_DIR = "${sys:java.io.tmpdir}/natator-topology";
    static final String GROUP_PROTOCOL = "classic";

    /** Number of stream threads; 0 means one thread per processor. */
    static final String THREADS = "0";

    /** Number of replicas of internal topics; -1 means the broker's default. */
    static final String REPLICATION_FACTOR = "-1";

    static final String STANDBY_REPLICAS = "0";
    static final String COMMIT_INTERVAL = "1s";
    static final String TRANSACTION_TIMEOUT = "10s";
    static final String PUBLISH_INTERVAL = "1s";

    /** 128 MiB, in bytes. */
    static final String STORE_MEMORY = "134217728";

    static final String HEARTBEAT_INTERVAL = "60s";
    static final String SETTLE_AFTER = "10s";
    static final String CLOSED_RETENTION = "5m";
    static final String IDLE_RETENTION = "15m";
    static final String REPORT_RETENTION = "24h";

    static final String IDENTITIES = "enricher";
    static final String TRAVERSE_UP_HIERARCHY = "true";
    static final String DNS_NAME_AGE = "24h";
    static final String DNS_NAME_LIMIT = "100000";
    static final String REVERSE_DNS = "false";

    static final String WINDOW = "1m";

    /**
     * How long a time window accepts late deltas. Longer than {@link #HEARTBEAT_INTERVAL} and {@link #SETTLE_AFTER}
     * together, so that few deltas arrive after their window is final.
     */
    static final String WINDOW_GRACE = "2m";

    static final String WINDOW_RETENTION = "15m";
    static final String LINK_RETENTION = "24h";

    static final String ACTIVITY = "ocsf";
    static final String ACTIVITY_INTERVAL = "5m";

    /** Maximum number of connection events that one instance publishes per second. */
    static final String ACTIVITY_LIMIT = "1000";

    /** Maximum number of Prometheus series of links, for all instances together. */
    static final String SERIES_LIMIT = "10000";

    /** Share of {@link #SERIES_LIMIT} that is reserved for address prefixes, in percent. */
    static final String SERIES_PREFIX_SHARE = "10";

    /** Length of the prefix by which the series of IPv4 addresses are summed up, in bits. */
    static final String SERIES_PREFIX_IPV4 = "24";

    /** Length of the prefix by which the series of IPv6 addresses are summed up, in bits. */
    static final String SERIES_PREFIX_IPV6 = "64";

    static final String CARETTA_METRICS = "true";

    private TopologyDefaults() {}
}
