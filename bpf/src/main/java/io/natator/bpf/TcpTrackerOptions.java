package io.natator.bpf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TcpTracker} is set up. Start from {@link #defaults}. A pinned map keeps the capacity that it was created with.
 *
 * @param procRoot proc of the initial pid namespace
 * @param pinDirectory folder in a BPF file system, in which maps and programs outlive the process; null: they end with it
 * @param ringBytes size of the ring buffer: a power of two, and whole pages
 * @param liveCapacity maximum number of live connections that can be read, and of their closes that can be stored while the
 *     ring buffer is full
 * @param spillCapacity maximum number of other closes that are stored with their detail while the ring buffer is full
 * @param foldCapacity maximum number of address pairs whose bytes are summed up while the spill is full, too
 * @param filter which connections are reported
 */
public record TcpTrackerOptions(
        Path procRoot,
        @Nullable Path pinDirectory,
        int ringBytes,
        int liveCapacity,
        int spillCapacity,
        int foldCapacity,
        ConnectionFilter filter) {
    private static final int PAGE_BYTES = 4096;
    private static final Path PROC = Path.of("/proc");

    public TcpTrackerOptions {
        List<String> problems = new ArrayList<>();
        if (Integer.bitCount(ringBytes) != 1 || ringBytes < PAGE_BYTES) {
            problems.add("ring buffer of " + ringBytes + " bytes: not a power of two of whole pages: use 4194304");
        }
        requirePositive(problems, "live capacity", liveCapacity);
        requirePositive(problems, "spill capacity", spillCapacity);
        requirePositive(problems, "fold capacity", foldCapacity);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** 4 MiB of ring buffer (26,000 records), 65,536 live connections, 8,192 spilled, 4,096 address pairs; not pinned, not filtered. */
    public static TcpTrackerOptions defaults() {
        return new TcpTrackerOptions(PROC, null, 4 << 20, 65_536, 8_192, 4_096, ConnectionFilter.everything());
    }

    /**
     * Returns the number of slots for a number of live connections: a power of two, and at least twice that number,
     * because only a few neighbouring slots are probed.
     */
    public static int slots(int liveCapacity) {
        return 2 * Integer.highestOneBit(2 * liveCapacity - 1);
    }

    public TcpTrackerOptions withProcRoot(Path proc) {
        return new TcpTrackerOptions(proc, pinDirectory, ringBytes, liveCapacity, spillCapacity, foldCapacity, filter);
    }

    public TcpTrackerOptions withPinDirectory(@Nullable Path directory) {
        return new TcpTrackerOptions(procRoot, directory, ringBytes, liveCapacity, spillCapacity, foldCapacity, filter);
    }

    public TcpTrackerOptions withRingBytes(int bytes) {
        return new TcpTrackerOptions(procRoot, pinDirectory, bytes, liveCapacity, spillCapacity, foldCapacity, filter);
    }

    public TcpTrackerOptions withLiveCapacity(int connections) {
        return new TcpTrackerOptions(
                procRoot, pinDirectory, ringBytes, connections, spillCapacity, foldCapacity, filter);
    }

    public TcpTrackerOptions withSpillCapacity(int closes) {
        return new TcpTrackerOptions(procRoot, pinDirectory, ringBytes, liveCapacity, closes, foldCapacity, filter);
    }

    public TcpTrackerOptions withFoldCapacity(int addressPairs) {
        return new TcpTrackerOptions(
                procRoot, pinDirectory, ringBytes, liveCapacity, spillCapacity, addressPairs, filter);
    }

    public TcpTrackerOptions withFilter(ConnectionFilter connections) {
        return new TcpTrackerOptions(
                procRoot, pinDirectory, ringBytes, liveCapacity, spillCapacity, foldCapacity, connections);
    }

    private static void requirePositive(List<String> problems, String what, int value) {
        if (value <= 0) {
            problems.add(what + " of " + value + ": not positive");
        }
    }
}
