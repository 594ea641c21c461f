package io.natator.collector.owner;

import io.natator.collector.cache.BoundedCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the owner of a process from {@code /proc/<pid>/cgroup}, and its program from {@code /proc/<pid>/cmdline}. The
 * former is needed on hosts with cgroup v1, where the v2 cgroup of a socket can be the root. The latter is memory of the
 * process, so it is read only outside containers: a container cannot choose what is read. A result stays cached after the
 * process has ended, until another process gets the same pid. Not thread-safe.
 */
final class Processes {
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

    /** Index of the kernel's flags (PF_*), field 9. */
    private static final int FLAGS_AFTER_COMMAND = 9 - 3;

    /** The task is exiting (include/linux/sched.h). */
    private static final long PF_EXITING = 0x4;

    /** The task is a kernel thread (include/linux/sched.h). */
    private static final long PF_KTHREAD = 0x20_0000;

    /** The pid of kthreadd in the initial pid namespace. No other pid namespace contains kernel threads. */
    private static final int KTHREADD = 2;

    /** The kernel appends this to the path of a removed cgroup (cgroups(7)). */
    private static final String DELETED = " (deleted)";

    /** Length of a clock tick in {@code /proc/<pid>/stat}: USER_HZ is 100 on every architecture that Java 25 runs on. */
    private static final long NANOS_PER_TICK = 10_000_000;

    /**
     * A process that was found.
     *
     * @param cgroup the owner of its cgroup
     * @param program the name of its program
     */
    record RunningProcess(CgroupOwner cgroup, OwnerName program) {}

    private record Known(long startTicks, RunningProcess process, long checkedNanos) {
        boolean startedBefore(long bootNanos) {
            return startTicks <= bootNanos / NANOS_PER_TICK;
        }
    }

    /** The fields of {@code /proc/<pid>/stat} that are used. */
    private record Stat(long flags, long startTicks) {
        boolean has(long flag) {
            return (flags & flag) != 0;
        }
    }

    private final Path proc;
    private final LongSupplier nanoTime;
    private final boolean usable;
    private final BoundedCache<Integer, Known> processes = new BoundedCache<>(CAPACITY);

    /**
     * Creates an instance that knows no process.
     *
     * @param proc mount of the proc file system of the initial pid namespace. In another pid namespace, the kernel's pids
     *     belong to other processes, so then no process is found
     */
    Processes(Path proc, LongSupplier nanoTime) {
        this.proc = proc;
        this.nanoTime = nanoTime;
        Stat kthreadd = stat(KTHREADD);
        usable = kthreadd != null && kthreadd.has(PF_KTHREAD);
    }

    /** Returns whether the proc file system is that of the initial pid namespace. */
    boolean usable() {
        return usable;
    }

    /**
     * Returns a process; null if it is unknown because it has ended.
     *
     * @param existedAt a time at which the process existed, in nanoseconds since boot. A process that started later has
     *     reused the pid
     */
    @Nullable
    RunningProcess find(int pid, long existedAt) {
        if (!usable) {
            return null;
        }
        long now = nanoTime.getAsLong();
        Known known = processes.get(pid);
        if (known == null || now - known.checkedNanos >= RECHECK_NANOS) {
            known = read(pid, known, existedAt, now);
        }
        return known != null && known.startedBefore(existedAt) ? known.process : null;
    }

    private @Nullable Known read(int pid, @Nullable Known known, long existedAt, long now) {
        CgroupOwner cgroup = cgroup(pid);
        OwnerName program = cgroup == null || cgroup.isContainer()
                ? OwnerName.COMMAND
                : ProgramNames.of(proc.resolve(pid + "/cmdline"));
        // Read last: if the process is not exiting now, the reads before this one were complete. While a process is
        // exiting, the kernel shows the root as its cgroup in v1 hierarchies (proc_cgroup_show).
        Stat stat = stat(pid);
        if (cgroup == null || stat == null || stat.has(PF_EXITING)) {
            return known;
        }
        var read = new Known(stat.startTicks, new RunningProcess(cgroup, program), now);
        if (known != null && !read.startedBefore(existedAt)) {
            // A record of the previous process with this pid is late. The entry is replaced by the first record of the
            // present process.
            return known;
        }
        processes.put(pid, read);
        return read;
    }

    /** Returns the state of a process; null if it has ended. */
    private @Nullable Stat stat(int pid) {
        try {
            String stat = Files.readString(proc.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The command can contain spaces and parentheses. The fields after the command contain neither, so the last
            // parenthesis ends the command.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return new Stat(
                    Long.parseLong(fields[FLAGS_AFTER_COMMAND]), Long.parseLong(fields[START_TIME_AFTER_COMMAND]));
        } catch (IOException | RuntimeException gone) {
            return null;
        }
    }

    /**
     * Returns the owner of the process's cgroup; null if the process has ended. Prefers a container, because with cgroup
     * v1 a process can be in a container in only some of the hierarchies.
     */
    private @Nullable CgroupOwner cgroup(int pid) {
        CgroupOwner best = CgroupOwner.NOBODY;
        try {
            for (String line : Files.readAllLines(proc.resolve(pid + "/cgroup"), StandardCharsets.ISO_8859_1)) {
                String path = line.substring(line.indexOf(':', line.indexOf(':') + 1) + 1);
                CgroupOwner owner = CgroupOwner.of(
                        path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path);
                if (owner.isContainer()) {
                    return owner;
                }
                best = best.name() == null ? owner : best;
            }
            return best;
        } catch (IOException gone) {
            return null;
        }
    }
}
