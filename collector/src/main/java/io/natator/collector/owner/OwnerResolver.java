package io.natator.collector.owner;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Resolves the container and the pod of a socket from the socket's cgroup. If the cgroup is unknown or is the root
 * cgroup, resolves them from the socket's process instead. The memory for cached results is limited. Not thread-safe.
 */
public final class OwnerResolver {
    private final CgroupTree tree;
    private final ProcessCgroups processes;

    /**
     * Creates a resolver for the sockets of this node.
     *
     * @param cgroupMount mount point of cgroup2, see {@link CgroupMount}
     * @param proc mount of the proc file system of the initial pid namespace
     * @param nanoTime a monotonic clock such as {@link System#nanoTime}
     */
    public OwnerResolver(Path cgroupMount, Path proc, LongSupplier nanoTime) {
        tree = new CgroupTree(cgroupMount, nanoTime);
        processes = new ProcessCgroups(proc, nanoTime);
    }

    /**
     * Returns the container and the pod of a socket; {@link ContainerRef#NONE} if unknown.
     *
     * @param cgroupId id of the socket's cgroup v2, 0 if unknown
     * @param pid the socket's process in the initial pid namespace, 0 if unknown
     */
    public ContainerRef resolve(long cgroupId, int pid) {
        Optional<String> path = cgroupId == 0 ? Optional.empty() : tree.path(cgroupId);
        if (path.isPresent() && !path.get().equals(CgroupTree.ROOT)) {
            return CgroupPaths.parse(path.get());
        }
        return pid > 0 ? processes.container(pid) : ContainerRef.NONE;
    }
}
