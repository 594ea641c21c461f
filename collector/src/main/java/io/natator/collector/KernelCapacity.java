package io.natator.collector;

import io.natator.bpf.TcpTrackerOptions;
import io.natator.http.command.Problems;
import java.util.List;

/**
 * How much the kernel side can store. A pinned map keeps the capacity that it was created with until it is unloaded.
 *
 * @param ringBytes size of the ring buffer of opens and closes in bytes: a power of two from 4096 to 2<sup>30</sup>
 * @param liveConnections maximum number of open connections that are tracked; each takes 168 bytes while it is open
 * @param spilledCloses maximum number of closes that are stored as whole records while the ring buffer is full; the
 *     memory, 176 bytes for each, is allocated at the start
 * @param foldedPairs maximum number of address pairs whose bytes are summed up while no other map has space for a
 *     close; the memory, 152 bytes for each, is allocated at the start
 */
public record KernelCapacity(int ringBytes, int liveConnections, int spilledCloses, int foldedPairs) {
    /** The defaults, which are those of {@link TcpTrackerOptions}. */
    public static final KernelCapacity DEFAULT = of(TcpTrackerOptions.defaults());

    private static final int LEAST_RING_BYTES = 4096;
    private static final int MOST_RING_BYTES = 1 << 30;
    /** Maximum number of entries that a map can be configured to have. At 176 bytes each they take 3 GB. */
    private static final int MOST_ENTRIES = 1 << 24;

    private static KernelCapacity of(TcpTrackerOptions options) {
        return new KernelCapacity(
                options.ringBytes(), options.liveCapacity(), options.spillCapacity(), options.foldCapacity());
    }

    KernelCapacity withRingBytes(int bytes) {
        return new KernelCapacity(bytes, liveConnections, spilledCloses, foldedPairs);
    }

    KernelCapacity withLiveConnections(int connections) {
        return new KernelCapacity(ringBytes, connections, spilledCloses, foldedPairs);
    }

    KernelCapacity withSpilledCloses(int closes) {
        return new KernelCapacity(ringBytes, liveConnections, closes, foldedPairs);
    }

    KernelCapacity withFoldedPairs(int addressPairs) {
        return new KernelCapacity(ringBytes, liveConnections, spilledCloses, addressPairs);
    }

    /** Returns one line for each invalid value, with the option's name. */
    List<String> problems() {
        var problems = new Problems();
        if (Integer.bitCount(ringBytes) != 1 || ringBytes < LEAST_RING_BYTES || ringBytes > MOST_RING_BYTES) {
            problems.add("--ring-bytes " + ringBytes + " is not a power of two from " + LEAST_RING_BYTES + " to "
                    + MOST_RING_BYTES + ": the default is " + DEFAULT.ringBytes);
        }
        problems.within("--live-capacity", liveConnections, 1, MOST_ENTRIES);
        problems.within("--spill-capacity", spilledCloses, 1, MOST_ENTRIES);
        problems.within("--fold-capacity", foldedPairs, 1, MOST_ENTRIES);
        return problems.list();
    }

    TcpTrackerOptions trackerOptions() {
        return TcpTrackerOptions.defaults()
                .withRingBytes(ringBytes)
                .withLiveCapacity(liveConnections)
                .withSpillCapacity(spilledCloses)
                .withFoldCapacity(foldedPairs);
    }
}
