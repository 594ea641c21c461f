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
 * Maps cgroup ids to paths. A cgroup's id is the inode number of its directory in the cgroup2 file system (kernfs, 64-bit kernels),
 * so a walk of the mount finds all ids. Ids are unique within a boot, so an entry stays valid after its cgroup was removed. Not
 * thread-safe.
 */
final class CgroupTree {
    /** The root's path. */
    static final String ROOT = "/";

    /** The pause after a walk, as a multiple of its duration: walks take at most a tenth of the time. */
    private static final int REST = 9;

    private final Path mount;
    private final LongSupplier nanoTime;
    private final BoundedCache<Long, Optional<String>> paths;
    private long nextWalk;
    private boolean walked;

    /**
     * A tree that is read at the first lookup.
     *
     * @param mount where cgroup2 is mounted; a folder that does not exist is an empty tree
     * @param capacity maximum number of cached cgroups
     */
    CgroupTree(Path mount, int capacity, LongSupplier nanoTime) {
        this.mount = mount;
        this.nanoTime = nanoTime;
        this.paths = new BoundedCache<>(capacity);
    }

    /** The cgroup's path below the mount, {@link #ROOT} for the root itself; empty if unknown. */
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
        nextWalk = end + REST * (end - now);
        // The cgroup is older than the lookup: if this walk did not find it, no later walk will.
        return paths.computeIfAbsent(id, gone -> Optional.empty());
    }

    private void walk() {
        try {
            Files.walkFileTree(mount, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    // Read separately: the given attributes do not include the inode.
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
            // A cgroup was removed during the walk: the next walk reads the rest.
            return;
        }
    }

    private String pathOf(Path directory) {
        Path relative = mount.relativize(directory);
        return relative.toString().isEmpty() ? ROOT : ROOT + relative;
    }
}
