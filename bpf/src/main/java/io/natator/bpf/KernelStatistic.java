package io.natator.bpf;

/**
 * Numbers that the BPF programs have counted since they were loaded. The constants correspond to {@code enum
 * natator_statistic} of record_layout.h.
 */
public enum KernelStatistic {
    /** TCP: connections established. UDP: flows begun. */
    OPENED(0),
    /** TCP: connections ended. UDP: flows ended. */
    CLOSED(1),
    /** TCP: connections that failed before they were established. */
    FAILED(2),
    /** Closes that found the ring buffer full and were stored in the overflow map for closes (spill). */
    SPILLED(3),
    /**
     * Closes (UDP: datagrams without a flow) that were added to a sum per address pair, because all other maps were
     * full.
     */
    FOLDED(4),
    /** Closes and failures (UDP: datagrams) that were lost, because no map had space for them. */
    LOST(5),
    /**
     * Opens that were not reported, because the ring buffer was half full and the rest is reserved for closes. No bytes
     * are lost.
     */
    OPENS_SKIPPED(6),
    /**
     * Connections that got no slot (entry in the table of open connections), and readings of live counters above the
     * capacity. The close is exact nevertheless.
     */
    LIVE_SKIPPED(7),
    /**
     * Connections (UDP: datagrams) that the filter excludes. If both ends of a connection are on this machine, each end
     * counts. Excluded connections that are open when a collector starts are counted again at each start.
     */
    EXCLUDED(8),
    /**
     * TCP: listeners that were not stored, because their map was full. The process of the connections that they accept is
     * unknown.
     */
    LISTENERS_SKIPPED(9);

    private final int index;

    KernelStatistic(int index) {
        this.index = index;
    }

    /** Index in the map {@code statistics} of the programs. */
    int index() {
        return index;
    }
}
