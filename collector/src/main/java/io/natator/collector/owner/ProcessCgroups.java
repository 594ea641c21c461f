package io.natator.collector.owner;

import io.natator.collector.cache.BoundedCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Resolves the container of a process from {@code /proc/<pid>/cgroup}. This is needed on hosts with cgroup v1, where
 * the v2 cgroup of every socket is the root. A result stays cached after the process has ended, until another process
 * gets the same pid. Not thread-safe.
 */
final class ProcessCgroups {
    /** Maximum number of cached processes. Above it, the least recently used one is evicted. */
    private static final int CAPACITY = 8_192;

    /**
     * Age (1 s) from which a cached result is used only after a check that the pid still belongs to the same process.
     */
    private static final long RECHECK_NANOS = 1_000_000_000;

    /**
     * Index of the start time among the fields that follow the command in {@code /proc/<pid>/stat}. The start time is
     * field 22, and the command is field 2 (proc_pid_stat(5)).
     */
    private static final int START_TIME_AFTER_COMMAND = 22 - 3;

    private record Known(long startTicks, ContainerRef container, long checkedNanos) {}

    private final Path proc;
    private final LongSupplier nanoTime;
    private final BoundedCache<Integer, Known> processes;

    /** @param proc mount of the proc file system of the initial pid namespace */
    ProcessCgroups(Path proc, LongSupplier nanoTime) {
        this.proc = proc;
        this.nanoTime = nanoTime;
        this.processes = new BoundedCache<>(CAPACITY);
    }

    /** Returns the container of a process; {@link ContainerRef#NONE} if it runs outside a container or is unknown. */
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
            // The process ended after the first and before the second of the two reads.
            container = known.container;
        }
        Known process = new Known(started.getAsLong(), container, now);
        processes.put(pid, process);
        return process.container;
    }

    private OptionalLong startTicks(int pid) {
        try {
            String stat = Files.readString(proc.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The command can contain spaces and parentheses. The fields after the command contain neither, so the last
            // parenthesis ends the command.
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
