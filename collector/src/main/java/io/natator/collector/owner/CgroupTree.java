package io.natator.collector.owner;

import io.natator.collector.cache.BoundedCache;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Maps cgroup ids to paths. A cgroup's id is the inode number of its directory in the cgroup2 file system (kernfs,
 * 64-bit kernels), so walking the directories of the mount finds all ids. Ids are unique within a boot, so a cached
 * path is still correct after its cgroup was removed. Not thread-safe.
 */
final class CgroupTree {
    /** The path of the root cgroup. */
    static final String ROOT = "/";

    /** Maximum number of cached paths; the least recently used path is evicted. */
    private static final int CAPACITY = 16_384;

    /**
     * After a walk through the cgroups, no other walk starts for 9 times its duration. So walks take at most a tenth of
     * the time.
     */
    private static final int PAUSE_PER_WALK = 9;

    private final Path mount;
    private final LongSupplier nanoTime;
    private final BoundedCache<Long, Optional<String>> paths;
    private long nextWalk;
    private boolean walked;

    /**
     * Creates a tree. The cgroups are read at the first lookup.
     *
     * @param mount mount point of cgroup2; if it does not exist, no cgroup is known
     */
    CgroupTree(Path mount, LongSupplier nanoTime) {
        this.mount = mount;
        this.nanoTime = nanoTime;
        this.paths = new BoundedCache<>(CAPACITY);
    }

    /**
     * Returns the cgroup's path below the mount point, with a leading slash; {@link #ROOT} for the root cgroup; empty
     * if the path is unknown.
     */
    Optional<String> path(long id) {
        Optional<String> known = paths.get(id);
        if (known != null) {
            return known;
        }
        long now = nanoTime.getAsLong();
        if (walked && now - nextWalk < 0) {
            return Optional.empty();
        }
        walk();
        walked = true;
        long end = nanoTime.getAsLong();
        nextWalk = end + PAUSE_PER_WALK * (end - now);
        // The cgroup existed before the lookup. If this walk through the cgroups did not find it, it was removed, and
        // no later walk will find it.
        return paths.computeIfAbsent(id, gone -> Optional.empty());
    }

    private void walk() {
        try {
            Files.walkFileTree(mount, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    // The inode number must be read separately, because the attributes that the visitor gets do not
                    // include it.
                    paths.put((Long) Files.getAttribute(directory, "unix:ino"), Optional.of(pathOf(directory)));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(
                        Path directory, @org.jspecify.annotations.Nullable IOException gone) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException gone) {
            // A cgroup was removed during this walk. The next walk will find the cgroups that this walk did not reach.
            return;
        }
    }

    private String pathOf(Path directory) {
        Path relative = mount.relativize(directory);
        return relative.toString().isEmpty() ? ROOT : ROOT + relative;
    }
}
