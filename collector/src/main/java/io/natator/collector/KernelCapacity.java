package io.natator.collector;

import io.natator.bpf.TcpTrackerOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * How much the kernel side stores. Pinned maps keep the capacity that they were created with, until they are unloaded.
 *
 * @param ringBytes size of the ring buffer of opens and closes: a power of two from 4096
 * @param liveConnections maximum number of live connections that can be read; each takes 168 bytes while it lives
 * @param spilledCloses maximum number of closes that are stored with their detail while the ring buffer is full; 176 bytes each,
 *     allocated at once
 * @param foldedPairs maximum number of address pairs whose bytes are summed up while the spill is full too; 152 bytes each, allocated
 *     at once
 */
public record KernelCapacity(int ringBytes, int liveConnections, int spilledCloses, int foldedPairs) {
    /** The defaults of the kernel side. */
    public static final KernelCapacity DEFAULT = of(TcpTrackerOptions.defaults());

    private static final int LEAST_RING_BYTES = 4096;
    private static final int MOST_RING_BYTES = 1 << 30;
    /** So many records take 3 GB. */
    private static final int MOST_ENTRIES = 1 << 24;

    private static KernelCapacity of(TcpTrackerOptions options) {
        return new KernelCapacity(
                options.ringBytes(), options.liveCapacity(), options.spillCapacity(), options.foldCapacity());
    }

    /** Everything that is wrong, one line each, with the option's name. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (Integer.bitCount(ringBytes) != 1 || ringBytes < LEAST_RING_BYTES || ringBytes > MOST_RING_BYTES) {
            problems.add("--ring-bytes " + ringBytes + " is not a power of two from " + LEAST_RING_BYTES + " to "
                    + MOST_RING_BYTES + ": the default is " + DEFAULT.ringBytes);
        }
        entries("--live-capacity", liveConnections, problems);
        entries("--spill-capacity", spilledCloses, problems);
        entries("--fold-capacity", foldedPairs, problems);
        return problems;
    }

    private static void entries(String option, int value, List<String> problems) {
        if (value < 1 || value > MOST_ENTRIES) {
            problems.add(option + " " + value + " is out of range: 1 to " + MOST_ENTRIES);
        }
    }

    TcpTrackerOptions trackerOptions() {
        return TcpTrackerOptions.defaults()
                .withRingBytes(ringBytes)
                .withLiveCapacity(liveConnections)
                .withSpillCapacity(spilledCloses)
                .withFoldCapacity(foldedPairs);
    }
}
