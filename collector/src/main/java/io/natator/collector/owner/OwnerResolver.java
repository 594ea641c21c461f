package io.natator.collector.owner;

import io.natator.schemas.NameKind;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves the owner of a socket. The socket's cgroup decides if it is known. If it is unknown, and on hosts with cgroup
 * v1, the socket's process decides; without the process the owner is unresolved, unless the cgroup is a container's. The memory for cached results is limited. Only one thread at a time is allowed to
 * call {@link #resolve}; any thread can call the other methods.
 */
public final class OwnerResolver implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OwnerResolver.class);

    private final @Nullable CgroupTree tree;
    private final Processes processes;
    private final ContainerNames names;
    private final boolean hasVersion1;
    private final AtomicLong unresolved = new AtomicLong();
    private @Nullable CgroupWatch watch;
    private long refusedWatches;

    /**
     * Creates a resolver for the sockets of this node.
     *
     * @param cgroup2 mount point of cgroup2, see {@link CgroupMount}; empty if there is none
     * @param proc mount of the proc file system of the initial pid namespace
     * @param names finds the names of containers
     * @param nanoTime a monotonic clock such as {@link System#nanoTime}
     */
    public OwnerResolver(Optional<Path> cgroup2, Path proc, ContainerNames names, LongSupplier nanoTime) {
        this.names = names;
        tree = cgroup2.isPresent() ? new CgroupTree(cgroup2.get(), nanoTime) : null;
        processes = new Processes(proc, nanoTime);
        hasVersion1 = CgroupMount.hasVersion1(proc);
    }

    /**
     * Begins to watch the cgroups, so that those are known which exist only for a moment. Logs where owners are found.
     * Without this call, a cgroup is known only if it exists at the lookup, or at an earlier one.
     */
    public synchronized void watch() {
        if (!processes.usable()) {
            log.warn("The processes of this node are not visible: --proc-root is of another pid namespace. Sockets are"
                    + " found by their cgroup only, and programs have no names");
        }
        if (tree == null) {
            log.warn("No cgroup2 is mounted: pods and containers are found by the process of a socket. Sockets of"
                    + " processes that end within a moment stay without a pod");
            return;
        }
        log.atInfo()
                .addKeyValue("cgroup2", tree.mount())
                .addKeyValue("version1", hasVersion1)
                .log("Pods and containers are found by the cgroup of a socket");
        watch = CgroupWatch.start(tree, this::rememberName);
        refusedWatches = watch == null ? 1 : 0;
    }

    /** Reads the name of a new container, because the runtime removes the name with the container. */
    private void rememberName(CgroupOwner cgroup) {
        if (cgroup.isContainer()) {
            name(cgroup);
        }
    }

    /**
     * Returns the owner of a socket.
     *
     * @param cgroupId id of the socket's cgroup v2, 0 if unknown
     * @param pid the socket's process in the initial pid namespace, 0 if unknown
     * @param startNanos when the connection began, in nanoseconds since boot. The process had started before
     */
    public Owner resolve(long cgroupId, int pid, long startNanos) {
        CgroupOwner cgroup = tree == null || cgroupId == 0 ? null : tree.owner(cgroupId);
        if (cgroup != null && (cgroup.isContainer() || (cgroup.name() != null && !hasVersion1))) {
            return new Owner(cgroup.container(), name(cgroup));
        }
        Processes.RunningProcess process = pid > 0 ? processes.find(pid, startNanos) : null;
        if (process != null && process.cgroup().isContainer() && (cgroup == null || hasVersion1)) {
            return new Owner(process.cgroup().container(), name(process.cgroup()));
        }
        // With version 1, only the process shows its container: the socket's v2 cgroup can be the root or that of the
        // runtime.
        if (cgroup != null && (process != null || !hasVersion1)) {
            return outsideContainers(cgroup, process);
        }
        if (process != null) {
            return outsideContainers(process.cgroup(), process);
        }
        if (cgroupId != 0 || pid != 0) {
            unresolved.incrementAndGet();
        }
        return Owner.UNRESOLVED;
    }

    private static Owner outsideContainers(CgroupOwner cgroup, Processes.@Nullable RunningProcess process) {
        if (cgroup.name() != null) {
            return new Owner(ContainerRef.NONE, cgroup.name());
        }
        if (process == null) {
            return new Owner(ContainerRef.NONE, OwnerName.COMMAND);
        }
        OwnerName unit = process.cgroup().name();
        return new Owner(ContainerRef.NONE, unit == null || process.cgroup().isContainer() ? process.program() : unit);
    }

    private OwnerName name(CgroupOwner cgroup) {
        ContainerRef container = cgroup.container();
        if (container.podUid() != null) {
            return OwnerName.NONE;
        }
        OwnerName inPath = cgroup.name();
        // A container of Docker in a container of LXC belongs to the latter, which this host knows. The containers of
        // users have no names.
        if (cgroup.runtimeId() != null && (inPath == null || inPath.kind() != NameKind.CONTAINER)) {
            return names.name(cgroup.runtimeId());
        }
        return inPath == null ? OwnerName.COMMAND : inPath;
    }

    /** Returns how many records had an owner that could not be resolved. */
    public long unresolved() {
        return unresolved.get();
    }

    /** Returns how many cgroups are not watched, because of the limit or an error. */
    public synchronized long unwatched() {
        return watch == null ? refusedWatches : watch.unwatched();
    }

    /** Returns how many cgroups were removed before their id was read. */
    public synchronized long missed() {
        return watch == null ? 0 : watch.missed();
    }

    /** Ends the watch. */
    @Override
    public synchronized void close() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }
}
