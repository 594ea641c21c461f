package io.natator.bpf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link TcpTracker}. Start from {@link #defaults}. A capacity has no effect on a map that is already
 * pinned: the map keeps the capacity that it was created with.
 *
 * @param procRoot mount of the proc file system of the initial pid namespace
 * @param pinDirectory folder in a BPF file system where maps and programs are pinned, so that they outlive the process;
 *     null means that nothing is pinned, and the programs end with the process
 * @param ringBytes size of the ring buffer in bytes: a power of two, at least 4096
 * @param liveCapacity maximum number of open connections whose counters can be read. While the ring buffer is full, the
 *     closes of as many connections can be stored in addition to {@code spillCapacity}. The processes of a quarter
 *     as many listeners can be stored, at least of 256
 * @param spillCapacity maximum number of closes that are stored as whole records while the ring buffer is full
 * @param foldCapacity maximum number of address pairs whose bytes are summed up while no other map has space for a
 *     close
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

    /**
     * Returns the defaults: a ring buffer of 4 MiB (26,000 records), 65,536 open connections, space for 8,192 closes
     * while the ring buffer is full, sums for 4,096 address pairs, no pin directory, no filter.
     */
    public static TcpTrackerOptions defaults() {
        return new TcpTrackerOptions(PROC, null, 4 << 20, 65_536, 8_192, 4_096, ConnectionFilter.everything());
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
