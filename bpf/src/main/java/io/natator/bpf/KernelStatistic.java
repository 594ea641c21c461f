package io.natator.bpf;

/** Counters that the programs maintain since they were loaded: {@code enum natator_statistic} of record_layout.h. */
public enum KernelStatistic {
    /** TCP: connections established. UDP: flows begun. */
    OPENED(0),
    /** TCP: connections ended. UDP: flows ended. */
    CLOSED(1),
    /** Connections never established. */
    FAILED(2),
    /** Closes that found the ring buffer full and were stored in the spill. */
    SPILLED(3),
    /** TCP: closes of which only the bytes per address pair were stored. UDP: datagrams without a flow, the same. */
    FOLDED(4),
    /** Closes and failures (UDP: datagrams) for which no capacity was left at all. */
    LOST(5),
    /** Opens not reported, to leave the ring buffer to closes; no connection is lost by it. */
    OPENS_SKIPPED(6),
    /** Connections without a slot, and live readings above capacity; the close is exact nevertheless. */
    LIVE_SKIPPED(7),
    /**
     * Connections (UDP: datagrams) that the filter excludes. The two ends of a connection within the machine count separately. Each
     * collector that starts counts the connections that are open.
     */
    EXCLUDED(8);

    private final int index;

    KernelStatistic(int index) {
        this.index = index;
    }

    /** Index in the per-CPU array of the programs. */
    int index() {
        return index;
    }
}
