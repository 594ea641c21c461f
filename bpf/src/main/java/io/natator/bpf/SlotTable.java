package io.natator.bpf;

/**
 * The size of the kernel side's slot table ({@code tcp_slots.bpf.h}). A slot stores the identity of one live TCP
 * connection.
 */
public final class SlotTable {
    /** {@code SLOTS_PER_RUN} of tcp_live_refresh.bpf.h: how many slots one run of the refresh program checks. */
    private static final int SLOTS_PER_RUN = 64;

    private SlotTable() {}

    /**
     * Returns the number of slots for a number of live connections. It is a power of two and at least twice the number
     * of connections, because only 16 neighbouring slots are searched for a free one.
     *
     * @param liveCapacity maximum number of live connections, positive
     */
    public static int slots(int liveCapacity) {
        return 2 * Integer.highestOneBit(2 * liveCapacity - 1);
    }

    /** How often the refresh program must run to check all slots. */
    static int refreshRuns(int slots) {
        return Math.ceilDiv(slots, SLOTS_PER_RUN);
    }
}
