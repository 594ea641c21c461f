package io.natator.bpf;

/** The names of maps that several classes use: in the BPF objects, and as pins. */
final class MapNames {
    /** The ring buffer. */
    static final String EVENTS = "events";

    /** The slots of live TCP connections. */
    static final String CONNECTIONS = "connections";
    /** Counters of live TCP connections. */
    static final String LIVE = "live";
    /** The UDP flows. */
    static final String FLOWS = "flows";
    /** Closes that found the ring buffer full. */
    static final String SPILL = "spill";
    /** The same, for connections that were read live. */
    static final String SPILL_SEEN = "spill_seen";
    /** Sums per address pair. */
    static final String FOLD = "fold";
    /** What the programs count. */
    static final String STATISTICS = "statistics";

    private MapNames() {}
}
