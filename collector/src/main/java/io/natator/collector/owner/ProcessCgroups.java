package io.natator.collector.owner;

import io.natator.collector.cache.BoundedCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Resolves the container of a process from {@code /proc/<pid>/cgroup}: for hosts with cgroup v1, where a socket's v2 cgroup is always
 * the root. A cached result outlives its process until another process gets the pid. Not thread-safe.
 */
final class ProcessCgroups {
    /** After this time a cached result is used only if the pid is still the same process. */
    private static final long RECHECK_NANOS = 1_000_000_000;

    /** Field of {@code /proc/<pid>/stat} after the command: the start time is the 22nd, proc_pid_stat(5). */
    private static final int START_TIME_AFTER_COMMAND = 22 - 3;

    private record Known(long startTicks, ContainerRef container, long checkedNanos) {}

    private final Path proc;
    private final LongSupplier nanoTime;
    private final BoundedCache<Integer, Known> processes;

    /**
     * Reads a proc file system.
     *
     * @param proc proc of the initial pid namespace
     * @param capacity maximum number of cached processes
     */
    ProcessCgroups(Path proc, int capacity, LongSupplier nanoTime) {
        this.proc = proc;
        this.nanoTime = nanoTime;
        this.processes = new BoundedCache<>(capacity);
    }

    /** The process's container, {@link ContainerRef#NONE} if it has none or was never read. */
    ContainerRef container(int pid) {
        long now = nanoTime.getAsLong();
        Known known = processes.get(pid);
        if (known != null && now - known.checkedNanos < RECHECK_NANOS) {
            return known.container;
        }
        OptionalLong started = startTicks(pid);
        if (started.isEmpty()) {
            return known == null ? ContainerRef.NONE : known.container;
        }
        ContainerRef container = read(pid);
        if (known != null && known.startTicks == started.getAsLong() && container.equals(ContainerRef.NONE)) {
            // The process ended between the two reads.
            container = known.container;
        }
        Known process = new Known(started.getAsLong(), container, now);
        processes.put(pid, process);
        return process.container;
    }

    private OptionalLong startTicks(int pid) {
        try {
            String stat = Files.readString(proc.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The command can contain spaces and parentheses; the fields behind its last parenthesis do not.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return OptionalLong.of(Long.parseLong(fields[START_TIME_AFTER_COMMAND]));
        } catch (IOException | RuntimeException gone) {
            return OptionalLong.empty();
        }
    }

    private ContainerRef read(int pid) {
        try {
            return Files.readAllLines(proc.resolve(pid + "/cgroup"), StandardCharsets.ISO_8859_1).stream()
                    .map(line -> CgroupPaths.parse(line.substring(line.indexOf(':', line.indexOf(':') + 1) + 1)))
                    .filter(container -> !container.equals(ContainerRef.NONE))
                    .findFirst()
                    .orElse(ContainerRef.NONE);
        } catch (IOException gone) {
            return ContainerRef.NONE;
        }
    }
}
