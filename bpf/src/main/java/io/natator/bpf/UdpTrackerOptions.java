package io.natator.bpf;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link UdpTracker} is set up. What is pinned keeps the capacities it was made with.
 *
 * @param hooks where datagrams are seen
 * @param cgroupRoot where cgroup2 is mounted; needed for {@link UdpHooks#CGROUP}
 * @param procRoot proc of the initial pid namespace
 * @param pinDirectory folder in a BPF file system where maps and programs outlive the process; null: they end with it
 * @param ringBytes size of the ring buffer of ends: a power of two, and whole pages
 * @param flowCapacity how many flows are told apart at a time
 * @param foldCapacity for how many address pairs bytes are summed up when there is no room for a flow
 * @param idle after which pause a flow ends, positive
 * @param answers whether answers of the DNS are handed out, see {@link UdpTracker#readAnswers}
 * @param filter which flows are told of
 */
public record UdpTrackerOptions(
        UdpHooks hooks,
        Path cgroupRoot,
        Path procRoot,
        @Nullable Path pinDirectory,
        int ringBytes,
        int flowCapacity,
        int foldCapacity,
        Duration idle,
        boolean answers,
        ConnectionFilter filter) {
    private static final int PAGE_BYTES = 4096;

    public UdpTrackerOptions {
        List<String> problems = new ArrayList<>();
        if (Integer.bitCount(ringBytes) != 1 || ringBytes < PAGE_BYTES) {
            problems.add("ring buffer of " + ringBytes + " bytes: not a power of two of whole pages: use 1048576");
        }
        if (flowCapacity <= 0) {
            problems.add("flow capacity of " + flowCapacity + ": not positive");
        }
        if (foldCapacity <= 0) {
            problems.add("fold capacity of " + foldCapacity + ": not positive");
        }
        if (!idle.isPositive()) {
            problems.add("idle time of " + idle + ": not positive");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** 1 MiB of ring buffer (6,500 ends), 65,536 flows, 4,096 address pairs, 30 s; no answers, not pinned, not filtered. */
    public static UdpTrackerOptions defaults(UdpHooks hooks) {
        return new UdpTrackerOptions(
                hooks,
                Path.of("/sys/fs/cgroup"),
                Path.of("/proc"),
                null,
                1 << 20,
                65_536,
                4_096,
                Duration.ofSeconds(30),
                false,
                ConnectionFilter.everything());
    }

    public UdpTrackerOptions withCgroupRoot(Path mount) {
        return new UdpTrackerOptions(
                hooks, mount, procRoot, pinDirectory, ringBytes, flowCapacity, foldCapacity, idle, answers, filter);
    }

    public UdpTrackerOptions withProcRoot(Path proc) {
        return new UdpTrackerOptions(
                hooks, cgroupRoot, proc, pinDirectory, ringBytes, flowCapacity, foldCapacity, idle, answers, filter);
    }

    public UdpTrackerOptions withPinDirectory(@Nullable Path directory) {
        return new UdpTrackerOptions(
                hooks, cgroupRoot, procRoot, directory, ringBytes, flowCapacity, foldCapacity, idle, answers, filter);
    }

    public UdpTrackerOptions withRingBytes(int bytes) {
        return new UdpTrackerOptions(
                hooks, cgroupRoot, procRoot, pinDirectory, bytes, flowCapacity, foldCapacity, idle, answers, filter);
    }

    public UdpTrackerOptions withFlowCapacity(int flows) {
        return new UdpTrackerOptions(
                hooks, cgroupRoot, procRoot, pinDirectory, ringBytes, flows, foldCapacity, idle, answers, filter);
    }

    public UdpTrackerOptions withFoldCapacity(int addressPairs) {
        return new UdpTrackerOptions(
                hooks,
                cgroupRoot,
                procRoot,
                pinDirectory,
                ringBytes,
                flowCapacity,
                addressPairs,
                idle,
                answers,
                filter);
    }

    public UdpTrackerOptions withIdle(Duration pause) {
        return new UdpTrackerOptions(
                hooks,
                cgroupRoot,
                procRoot,
                pinDirectory,
                ringBytes,
                flowCapacity,
                foldCapacity,
                pause,
                answers,
                filter);
    }

    public UdpTrackerOptions withAnswers(boolean handedOut) {
        return new UdpTrackerOptions(
                hooks,
                cgroupRoot,
                procRoot,
                pinDirectory,
                ringBytes,
                flowCapacity,
                foldCapacity,
                idle,
                handedOut,
                filter);
    }

    public UdpTrackerOptions withFilter(ConnectionFilter flows) {
        return new UdpTrackerOptions(
                hooks, cgroupRoot, procRoot, pinDirectory, ringBytes, flowCapacity, foldCapacity, idle, answers, flows);
    }
}
