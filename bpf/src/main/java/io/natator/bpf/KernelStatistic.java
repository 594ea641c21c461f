package io.natator.bpf;

/** What the programs count since they were loaded: {@code enum natator_statistic} of record_layout.h, in its order. */
public enum KernelStatistic {
    /** TCP: connections established. UDP: flows begun. */
    OPENED,
    /** TCP: connections ended. UDP: flows ended. */
    CLOSED,
    /** Connections never established. */
    FAILED,
    /** Closes that found the ring buffer full and were stored in the spill. */
    SPILLED,
    /** TCP: closes of which only the bytes per address pair were kept. UDP: datagrams without a flow, the same. */
    FOLDED,
    /** Closes and failures (UDP: datagrams) for which no capacity was left at all. */
    LOST,
    /** Opens not reported, to leave the ring buffer to closes; no connection is lost by it. */
    OPENS_SKIPPED,
    /** Connections without a slot, and live readings above capacity; the close is exact nevertheless. */
    LIVE_SKIPPED,
    /**
     * Connections (UDP: datagrams) that the filter excludes. The two ends of a connection within the machine count separately. Each
     * collector that starts counts the connections that are open.
     */
    EXCLUDED
}
