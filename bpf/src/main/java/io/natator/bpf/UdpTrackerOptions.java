package io.natator.bpf;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link UdpTracker}. Start from {@link #defaults}.
 *
 * @param hooks the kernel hooks to which the programs are attached
 * @param paths where the host's file systems are mounted
 * @param capacity how much the kernel side can store
 * @param idle length of the pause after which a flow ends, positive
 * @param answers whether DNS answers are copied, see {@link UdpTracker#pollAnswers}
 * @param filter which flows are reported
 */
public record UdpTrackerOptions(
        UdpHooks hooks, Paths paths, Capacity capacity, Duration idle, boolean answers, ConnectionFilter filter) {
    private static final int PAGE_BYTES = 4096;

    /**
     * Where the host's file systems are mounted.
     *
     * @param cgroupRoot mount of cgroup2; used only with {@link UdpHooks#CGROUP}
     * @param procRoot mount of the proc file system of the initial pid namespace
     * @param pinDirectory folder in a BPF file system where maps and programs are pinned, so that they outlive the
     *     process; null means that nothing is pinned, and the programs end with the process
     */
    public record Paths(
            Path cgroupRoot, Path procRoot, @Nullable Path pinDirectory) {}

    /**
     * How much the kernel side can store. A capacity has no effect on a map that is already pinned: the map keeps the
     * capacity that it was created with.
     *
     * @param ringBytes size of the ring buffer of ended flows in bytes: a power of two, at least 4096
     * @param flows maximum number of flows that are tracked at a time
     * @param foldedPairs maximum number of address pairs for which a sum is stored; datagrams of further flows are
     *     added to these sums
     */
    public record Capacity(int ringBytes, int flows, int foldedPairs) {}

    /**
     * Checks the values of all options.
     *
     * @throws IllegalArgumentException if values are invalid; the message names all of them
     */
    public UdpTrackerOptions {
        List<String> problems = new ArrayList<>();
        if (Integer.bitCount(capacity.ringBytes) != 1 || capacity.ringBytes < PAGE_BYTES) {
            problems.add(
                    "ring buffer of " + capacity.ringBytes + " bytes: not a power of two of whole pages: use 1048576");
        }
        if (capacity.flows <= 0) {
            problems.add("flow capacity of " + capacity.flows + ": not positive");
        }
        if (capacity.foldedPairs <= 0) {
            problems.add("fold capacity of " + capacity.foldedPairs + ": not positive");
        }
        if (!idle.isPositive()) {
            problems.add("idle time of " + idle + ": not positive");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /**
     * Returns the defaults: a ring buffer of 1 MiB (6,500 ends of flows), 65,536 flows, sums for 4,096 address pairs,
     * an idle time of 30 s, no DNS answers, no pin directory, no filter.
     */
    public static UdpTrackerOptions defaults(UdpHooks hooks) {
        return new UdpTrackerOptions(
                hooks,
                new Paths(Path.of("/sys/fs/cgroup"), Path.of("/proc"), null),
                new Capacity(1 << 20, 65_536, 4_096),
                Duration.ofSeconds(30),
                false,
                ConnectionFilter.everything());
    }

    public UdpTrackerOptions withCgroupRoot(Path mount) {
        return withPaths(new Paths(mount, paths.procRoot, paths.pinDirectory));
    }

    public UdpTrackerOptions withProcRoot(Path proc) {
        return withPaths(new Paths(paths.cgroupRoot, proc, paths.pinDirectory));
    }

    public UdpTrackerOptions withPinDirectory(@Nullable Path directory) {
        return withPaths(new Paths(paths.cgroupRoot, paths.procRoot, directory));
    }

    private UdpTrackerOptions withPaths(Paths others) {
        return new UdpTrackerOptions(hooks, others, capacity, idle, answers, filter);
    }

    public UdpTrackerOptions withRingBytes(int bytes) {
        return withCapacity(new Capacity(bytes, capacity.flows, capacity.foldedPairs));
    }

    public UdpTrackerOptions withFlowCapacity(int flows) {
        return withCapacity(new Capacity(capacity.ringBytes, flows, capacity.foldedPairs));
    }

    public UdpTrackerOptions withFoldCapacity(int addressPairs) {
        return withCapacity(new Capacity(capacity.ringBytes, capacity.flows, addressPairs));
    }

    private UdpTrackerOptions withCapacity(Capacity other) {
        return new UdpTrackerOptions(hooks, paths, other, idle, answers, filter);
    }

    public UdpTrackerOptions withIdle(Duration pause) {
        return new UdpTrackerOptions(hooks, paths, capacity, pause, answers, filter);
    }

    public UdpTrackerOptions withAnswers(boolean copied) {
        return new UdpTrackerOptions(hooks, paths, capacity, idle, copied, filter);
    }

    public UdpTrackerOptions withFilter(ConnectionFilter flows) {
        return new UdpTrackerOptions(hooks, paths, capacity, idle, answers, flows);
    }
}
