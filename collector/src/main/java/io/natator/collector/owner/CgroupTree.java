package io.natator.collector.owner;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Cgroup ids to paths. A cgroup's id is the inode number of its directory in the cgroup2 file system (kernfs, 64-bit
 * kernels), so walking the mount tells them all. Ids are not used twice within a boot, so what was once learned stays
 * true when the cgroup is gone. Not thread-safe.
 */
final class CgroupTree {
    /** The root's path. */
    static final String ROOT = "/";

    /** After a walk, this many times its duration passes before the next: at most a tenth of the time is spent. */
    private static final int REST = 9;

    private final Path mount;
    private final LongSupplier nanoTime;
    private final BoundedCache<Long, Optional<String>> paths;
    private long nextWalk;
    private boolean walked;

    /**
     * A tree that is read when it is first asked.
     *
     * @param mount where cgroup2 is mounted; a folder that does not exist is an empty tree
     * @param capacity how many cgroups are remembered
     */
    CgroupTree(Path mount, int capacity, LongSupplier nanoTime) {
        this.mount = mount;
        this.nanoTime = nanoTime;
        this.paths = new BoundedCache<>(capacity);
    }

    /** The cgroup's path below the mount, {@link #ROOT} for the root itself; empty where it is not known. */
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
        // It existed before it was asked for: what this walk did not find, no later one will.
        return paths.computeIfAbsent(id, gone -> Optional.empty());
    }

    private void walk() {
        try {
            Files.walkFileTree(mount, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    // Asked for once more, by name: the attributes at hand do not show the inode.
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
            // A cgroup that vanished between listing and reading: the rest is read the next time.
            return;
        }
    }

    private String pathOf(Path directory) {
        Path relative = mount.relativize(directory);
        return relative.toString().isEmpty() ? ROOT : ROOT + relative;
    }
}
