package io.natator.bpf;

/**
 * Computes the size of the kernel side's slot table ({@code tcp_slots.bpf.h}). A slot stores process, role, fingerprint
 * and start of one open TCP connection.
 */
public final class SlotTable {
    /** Number of slots that one run of the refresh program checks: {@code SLOTS_PER_RUN} of tcp_live_refresh.bpf.h. */
    private static final int SLOTS_PER_RUN = 64;

    private SlotTable() {}

    /**
     * Returns the number of slots for a maximum number of open connections. It is a power of two and at least twice the
     * number of connections, because only 16 neighbouring slots are searched for a free one.
     *
     * @param liveCapacity maximum number of open connections, positive
     */
    public static int slots(int liveCapacity) {
        return 2 * Integer.highestOneBit(2 * liveCapacity - 1);
    }

    /** Returns how often the refresh program must run to check all slots once. */
    static int refreshRuns(int slots) {
        return Math.ceilDiv(slots, SLOTS_PER_RUN);
    }
}
