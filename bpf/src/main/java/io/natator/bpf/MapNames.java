package io.natator.bpf;

/** Names of maps. The file name of a pinned map is the same as the name of the map in the BPF object. */
final class MapNames {
    /** The ring buffer: opens, closes and failures (TCP), or ends of flows (UDP). */
    static final String EVENTS = "events";

    /** The slots of live TCP connections. */
    static final String CONNECTIONS = "connections";
    /** Counters of live TCP connections. */
    static final String LIVE = "live";
    /** The UDP flows. */
    static final String FLOWS = "flows";
    /** Closes that are stored here because the ring buffer was full. */
    static final String SPILL = "spill";
    /**
     * Closes that found the ring buffer and {@link #SPILL} full; only of connections that user space may have read
     * live.
     */
    static final String SPILL_SEEN = "spill_seen";
    /** Sums of bytes per address pair. */
    static final String FOLD = "fold";
    /** Counters that the programs maintain about their own work ({@link KernelStatistic}). */
    static final String STATISTICS = "statistics";

    private MapNames() {}
}
