package io.natator.collector.owner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Finds the mount point of cgroup2, for operators who do not set it. */
public final class CgroupMount {
    private static final Path USUAL = Path.of("/sys/fs/cgroup");

    private CgroupMount() {}

    /** Returns the first cgroup2 mount in {@code <proc>/self/mounts}; {@code /sys/fs/cgroup} if the file lists none. */
    public static Path find(Path proc) {
        try (Stream<String> mounts = Files.lines(proc.resolve("self/mounts"))) {
            return mounts.map(line -> line.split(" "))
                    .filter(fields -> fields.length > 2 && fields[2].equals("cgroup2"))
                    .map(fields -> Path.of(fields[1]))
                    .findFirst()
                    .orElse(USUAL);
        } catch (IOException | RuntimeException unreadable) {
            return USUAL;
        }
    }
}
