package io.natator.collector.owner;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds the mount point of cgroup2. Only cgroup2 has the ids that the kernel reports for sockets: a directory of a
 * cgroup v1 hierarchy can have the same inode number as a directory of cgroup2, and the roots of all hierarchies have
 * inode number 1. On hybrid hosts, {@code /sys/fs/cgroup} contains a mount for each v1 hierarchy, and cgroup2 at
 * {@code unified}. The type of a file system is read from {@code mountinfo}, which also contains the mounts that a
 * container runtime has copied from the host into a container.
 */
public final class CgroupMount {
    private static final Path OWN_PROC = Path.of("/proc");

    /** One line of {@code mountinfo}, see proc_pid_mountinfo(5). */
    private record Mount(Path mountPoint, String type) {
        boolean isCgroup2() {
            return type.equals("cgroup2");
        }
    }

    private CgroupMount() {}

    /**
     * Returns the first cgroup2 mount of this process; empty if there is none, as on hosts with cgroup v1 only.
     *
     * @param proc mount of a proc file system
     */
    public static Optional<Path> find(Path proc) {
        List<Mount> mounts = mounts(proc);
        return mounts.stream()
                .filter(mount -> isVisible(mount, mounts))
                .map(Mount::mountPoint)
                .findFirst();
    }

    /**
     * Returns the directory if it is in a cgroup2 file system, otherwise the uppermost cgroup2 mount below it; empty if
     * there is none.
     *
     * @param proc mount of a proc file system
     */
    public static Optional<Path> below(Path directory, Path proc) {
        Path root = real(directory);
        List<Mount> mounts = mounts(proc);
        if (mountOf(root, mounts).filter(Mount::isCgroup2).isPresent()) {
            return Optional.of(root);
        }
        return mounts.stream()
                .filter(mount -> isVisible(mount, mounts))
                .map(Mount::mountPoint)
                .filter(mountPoint -> mountPoint.startsWith(root))
                .min(Comparator.comparingInt(Path::getNameCount));
    }

    /**
     * Returns whether processes of this machine can be in cgroups of a v1 hierarchy, so that their cgroup2 can lack a
     * container.
     *
     * @param proc mount of a proc file system
     */
    static boolean hasVersion1(Path proc) {
        return read(proc, "self/cgroup").stream().anyMatch(line -> !line.startsWith("0::"));
    }

    /** Returns whether this mount is cgroup2, and no later mount covers its mount point. */
    private static boolean isVisible(Mount mount, List<Mount> mounts) {
        return mount.isCgroup2()
                && mountOf(mount.mountPoint(), mounts).filter(mount::equals).isPresent();
    }

    /** Returns the mount that contains a path. If several mounts have the same mount point, the last one is visible. */
    private static Optional<Mount> mountOf(Path path, List<Mount> mounts) {
        return mounts.stream()
                .filter(mount -> path.startsWith(mount.mountPoint()))
                .reduce((one, later) ->
                        later.mountPoint().getNameCount() >= one.mountPoint().getNameCount() ? later : one);
    }

    private static List<Mount> mounts(Path proc) {
        return read(proc, "self/mountinfo").stream()
                .map(CgroupMount::mount)
                .flatMap(Optional::stream)
                .toList();
    }

    /** The file system's type follows a dash, because the number of optional fields before it varies. */
    private static Optional<Mount> mount(String line) {
        int dash = line.indexOf(" - ");
        String[] fields = line.split(" ");
        return dash < 0 || fields.length < 5
                ? Optional.empty()
                : Optional.of(new Mount(
                        Path.of(unescape(fields[4])), line.substring(dash + 3).split(" ")[0]));
    }

    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    /** Reads a file of this process. The host's proc file system does not show it if the pid namespaces are unrelated. */
    private static List<String> read(Path proc, String file) {
        return lines(proc.resolve(file)).or(() -> lines(OWN_PROC.resolve(file))).orElse(List.of());
    }

    private static Optional<List<String>> lines(Path file) {
        try {
            return Optional.of(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static Path real(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException missing) {
            return directory.toAbsolutePath().normalize();
        }
    }
}
