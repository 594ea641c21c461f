package io.natator.bpf;

/** The names of maps that several classes use. A map has the same name in the BPF object and as a pin. */
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
    /** Closes that found the ring buffer and {@link #SPILL} full, of connections that user space may have read live. */
    static final String SPILL_SEEN = "spill_seen";
    /** Sums of bytes per address pair. */
    static final String FOLD = "fold";
    /** The counters that the programs have of their own work. */
    static final String STATISTICS = "statistics";

    private MapNames() {}
}
