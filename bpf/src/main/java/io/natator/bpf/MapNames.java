package io.natator.bpf;

/** Names of the BPF maps. A pinned map has the same name in the BPF object and as a file. */
final class MapNames {
    /** The ring buffer for opens, closes and failures (TCP), or for ends of flows (UDP). */
    static final String EVENTS = "events";

    /** The table of open TCP connections. An entry is called slot. */
    static final String CONNECTIONS = "connections";
    /** The TCP sockets that listen, with their processes. */
    static final String LISTENERS = "listeners";
    /** How many sockets listen in each network namespace and cgroup, on each address and port. */
    static final String LISTENER_PLACES = "listener_places";
    /** Counters of open TCP connections, which are refreshed periodically. */
    static final String LIVE = "live";
    /** The UDP flows that have not ended. */
    static final String FLOWS = "flows";
    /** Closes that found the ring buffer full. */
    static final String SPILL = "spill";
    /**
     * Closes that found the ring buffer and {@link #SPILL} full. It stores only connections whose live counters user
     * space has possibly read.
     */
    static final String SPILL_SEEN = "spill_seen";
    /** Sums of bytes per address pair, for connections and datagrams that found all other maps full. */
    static final String FOLD = "fold";
    /** Numbers that the programs count about their own work ({@link KernelStatistic}). */
    static final String STATISTICS = "statistics";

    private MapNames() {}
}
