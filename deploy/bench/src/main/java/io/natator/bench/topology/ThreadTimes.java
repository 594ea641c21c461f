package io.natator.bench.topology;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads the CPU time of a JVM from /proc and adds it up by the purpose of the threads. The time of threads that have
 * ended is not included.
 */
record ThreadTimes(Map<Kind, Double> seconds) {
    /** CPU times in /proc are in ticks. There are 100 ticks per second on all architectures that Java supports. */
    private static final double TICKS_PER_SECOND = 100;

    /**
     * The purposes of threads, with the prefixes of the thread names that have this purpose. Linux stores at most 15
     * characters of a name.
     */
    enum Kind {
        COMPILER("JIT compiler", "C1 Compiler", "C2 Compiler"),
        GARBAGE("garbage collector", "GC Thread", "G1 ", "VM Thread"),
        ROCKSDB("RocksDB's own threads", "rocksdb:"),
        PRODUCER("producer's network thread", "kafka-producer-"),
        OTHERS("stream threads, all others");

        private final String title;

        @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
        private final List<String> prefixes;

        Kind(String title, String... prefixes) {
            this.title = title;
            this.prefixes = List.of(prefixes);
        }

        String title() {
            return title;
        }

        private static Kind of(String thread) {
            for (Kind kind : values()) {
                if (kind.prefixes.stream().anyMatch(thread::startsWith)) {
                    return kind;
                }
            }
            return OTHERS;
        }
    }

    /** The CPU time of these processes so far. */
    static ThreadTimes of(List<JvmProcess> children) throws IOException {
        Map<Kind, Double> seconds = new EnumMap<>(Kind.class);
        for (JvmProcess child : children) {
            try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(child.pid()), "task"))) {
                for (Path task : tasks.toList()) {
                    add(task, seconds);
                }
            }
        }
        return new ThreadTimes(seconds);
    }

    /** The CPU time since an earlier reading. */
    ThreadTimes since(ThreadTimes before) {
        Map<Kind, Double> added = new EnumMap<>(Kind.class);
        seconds.forEach((kind, time) -> added.put(kind, time - before.of(kind)));
        return new ThreadTimes(added);
    }

    double of(Kind kind) {
        return seconds.getOrDefault(kind, 0.0);
    }

    private static void add(Path task, Map<Kind, Double> seconds) throws IOException {
        try {
            String stat = Files.readString(task.resolve("stat"));
            int nameEnd = stat.lastIndexOf(')');
            String[] fields = stat.substring(nameEnd + 2).split(" ");
            // proc(5): utime and stime are the fields 14 and 15 of the line
            long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            Kind kind = Kind.of(stat.substring(stat.indexOf('(') + 1, nameEnd));
            seconds.merge(kind, ticks / TICKS_PER_SECOND, Double::sum);
        } catch (NoSuchFileException e) {
            // the thread has just ended
        }
    }
}
