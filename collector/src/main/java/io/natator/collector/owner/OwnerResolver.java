package io.natator.collector.owner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Resolves the container and pod of a socket from its cgroup; if the cgroup is unknown or the root, from its process. Memory is
 * bounded. Not thread-safe.
 */
public final class OwnerResolver {
    private static final int CGROUPS = 16_384;
    private static final int PROCESSES = 8_192;

    private final CgroupTree tree;
    private final ProcessCgroups processes;

    /**
     * A resolver of this node.
     *
     * @param cgroupMount where cgroup2 is mounted, see {@link #cgroupMount}
     * @param proc proc file system of the initial pid namespace
     * @param nanoTime as {@link System#nanoTime}
     */
    public OwnerResolver(Path cgroupMount, Path proc, LongSupplier nanoTime) {
        tree = new CgroupTree(cgroupMount, CGROUPS, nanoTime);
        processes = new ProcessCgroups(proc, PROCESSES, nanoTime);
    }

    /** The mount point of cgroup2 according to {@code <proc>/self/mounts}; {@code /sys/fs/cgroup} if there is none. */
    public static Path cgroupMount(Path proc) {
        try (Stream<String> mounts = Files.lines(proc.resolve("self/mounts"))) {
            Optional<Path> mount = mounts.map(line -> line.split(" "))
                    .filter(fields -> fields.length > 2 && fields[2].equals("cgroup2"))
                    .map(fields -> Path.of(fields[1]))
                    .findFirst();
            if (mount.isPresent()) {
                return mount.get();
            }
        } catch (IOException | RuntimeException unreadable) {
            return Path.of("/sys/fs/cgroup");
        }
        return Path.of("/sys/fs/cgroup");
    }

    /**
     * The container and pod of a socket.
     *
     * @param cgroupId id of its cgroup v2, 0 if unknown
     * @param pid its process in the initial pid namespace, 0 if unknown
     */
    public ContainerRef resolve(long cgroupId, int pid) {
        Optional<String> path = cgroupId == 0 ? Optional.empty() : tree.path(cgroupId);
        if (path.isPresent() && !path.get().equals(CgroupTree.ROOT)) {
            return CgroupPaths.parse(path.get());
        }
        return pid > 0 ? processes.container(pid) : ContainerRef.NONE;
    }
}
