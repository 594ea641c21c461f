package io.natator.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/** A cgroup (like a pod's) with a cgroup below it (like a container's) for one test. Needs root and cgroup v2. */
final class TestCgroup implements AutoCloseable {
    private final Path pod;
    private final Path container;

    TestCgroup() throws IOException {
        pod = root().resolve("natator-test-" + ThreadLocalRandom.current().nextInt(1 << 30));
        container = pod.resolve("container");
        Files.createDirectories(container);
    }

    /** Returns the mount point of cgroup v2. */
    static Path root() throws IOException {
        try (var mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return mounts.map(line -> line.split(" "))
                    .filter(mount -> mount[2].equals("cgroup2"))
                    .map(mount -> Path.of(mount[1]))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no cgroup2 mounted"));
        }
    }

    /** Returns the id of the upper cgroup, which represents a pod. */
    long id() throws IOException {
        return ((Number) Files.getAttribute(pod, "unix:ino")).longValue();
    }

    /** Moves a process into the lower cgroup, which represents a container. */
    void add(long pid) throws IOException {
        Files.writeString(container.resolve("cgroup.procs"), Long.toString(pid));
    }

    /** Removes the cgroups. Their processes must have ended. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(container);
        Files.deleteIfExists(pod);
    }
}
