package io.natator.collector;

import io.natator.collector.owner.ContainerNames;
import io.natator.collector.owner.OwnerResolver;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the host's file systems are mounted, and where its container runtimes have their files.
 *
 * @param cgroup2 mount point of cgroup2; empty on hosts with cgroup v1 only
 * @param procRoot mount point of the proc file system of the initial pid namespace
 * @param pinDirectory directory in a BPF file system where maps and links are pinned
 * @param dockerRoot Docker's data directory
 * @param podmanRoot Podman's storage
 */
public record HostPaths(Optional<Path> cgroup2, Path procRoot, Path pinDirectory, Path dockerRoot, Path podmanRoot) {
    /** Returns a resolver that reads at these paths. */
    OwnerResolver ownerResolver() {
        return new OwnerResolver(
                cgroup2, procRoot, new ContainerNames(dockerRoot, podmanRoot, System::nanoTime), System::nanoTime);
    }
}
