package io.natator.bench.topology;

import io.natator.schemas.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * One subject reads the topic once, in processes of its own. Measured is from where the JVM is warm to the end: what it has
 * committed, and the CPU time that this took.
 */
final class Run {
    private static final long LOOK_MILLIS = 100;

    private final Setting setting;

    /**
     * What all runs have in common.
     *
     * @param jvmOptions of the subject
     * @param cpus of the subject, as {@code taskset} takes them
     * @param warmUp part of the snapshots that is not measured
     * @param timeout of one run
     */
    record Setting(
            String bootstrapServers,
            String prefix,
            Path directory,
            List<String> jvmOptions,
            String cpus,
            int threads,
            long snapshots,
            double warmUp,
            Duration timeout) {}

    /**
     * What came out.
     *
     * @param snapshots that were measured
     * @param cpuSeconds that they took
     * @param threads what their threads were for
     * @param diskBytes state on disk at the end
     * @param since when measuring began
     * @param recording of Java Flight Recorder, if one was asked for
     */
    record Result(
            long snapshots,
            double cpuSeconds,
            double wallSeconds,
            ThreadTimes threads,
            long diskBytes,
            Instant since,
            Optional<Path> recording) {
        double perCpuSecond() {
            return snapshots / cpuSeconds;
        }

        double cpuMicros() {
            return cpuSeconds * 1e6 / snapshots;
        }
    }

    Run(Setting setting) {
        this.setting = setting;
    }

    /** Runs it. */
    Result of(Subject subject, int instances, boolean recorded)
            throws IOException, ExecutionException, InterruptedException {
        String group = subject.name().toLowerCase(java.util.Locale.ROOT) + "-" + UUID.randomUUID();
        Path state = Files.createDirectories(setting.directory().resolve(group));
        Path recording = setting.directory().resolve(group + ".jfr");
        List<Child> children = new ArrayList<>();
        try (var progress = new Progress(setting.bootstrapServers(), group)) {
            for (int instance = 0; instance < instances; instance++) {
                children.add(start(subject, group, state.resolve("instance-" + instance), recorded ? recording : null));
            }
            Result result = measure(subject, group, children, progress, state);
            return recorded
                    ? new Result(
                            result.snapshots(),
                            result.cpuSeconds(),
                            result.wallSeconds(),
                            result.threads(),
                            result.diskBytes(),
                            result.since(),
                            Optional.of(recording))
                    : result;
        } finally {
            for (Child child : children) {
                child.close();
            }
        }
    }

    private Child start(Subject subject, String group, Path state, @org.jspecify.annotations.Nullable Path recording)
            throws IOException {
        List<String> options = new ArrayList<>(setting.jvmOptions());
        if (recording != null) {
            options.add("-XX:StartFlightRecording:jdk.CPUTimeSample#enabled=true,jdk.CPUTimeSample#throttle="
                    + Stages.SAMPLED_MILLIS + "ms,dumponexit=true,filename=" + recording);
            options.add("-Xlog:jfr*=off");
        }
        return Child.start(
                SubjectMain.class,
                setting.cpus(),
                options,
                ProcessBuilder.Redirect.INHERIT,
                List.of(
                        subject.name(),
                        setting.bootstrapServers(),
                        setting.prefix(),
                        group,
                        state.toString(),
                        Integer.toString(setting.threads())));
    }

    private Result measure(Subject subject, String group, List<Child> children, Progress progress, Path state)
            throws IOException, ExecutionException, InterruptedException {
        String topic = Topic.CONNECTIONS.name(setting.prefix());
        long warm = (long) (setting.snapshots() * setting.warmUp());
        long before = await(children, () -> progress.committed(topic), warm);
        double cpu = cpu(children);
        ThreadTimes threads = ThreadTimes.of(children);
        Instant since = Instant.now();
        await(children, () -> progress.committed(topic), setting.snapshots());
        if (subject.isTopology()) {
            String deltas = group + "-link-deltas-repartition";
            await(children, () -> progress.isDrained(deltas) ? 1 : 0, 1);
        }
        return new Result(
                setting.snapshots() - before,
                cpu(children) - cpu,
                Duration.between(since, Instant.now()).toNanos() / 1e9,
                ThreadTimes.of(children).since(threads),
                size(state),
                since,
                Optional.empty());
    }

    /** Something that may be asked for until it is large enough. */
    private interface Figure {
        long now() throws ExecutionException, InterruptedException;
    }

    private long await(List<Child> children, Figure figure, long wanted)
            throws IOException, ExecutionException, InterruptedException {
        Instant end = Instant.now().plus(setting.timeout());
        while (true) {
            long now = figure.now();
            if (now >= wanted) {
                return now;
            }
            if (!children.stream().allMatch(Child::isAlive)) {
                throw new IOException("a process of the benchmark has ended: see above");
            }
            if (Instant.now().isAfter(end)) {
                throw new IOException("no end in sight: " + now + " of " + wanted + " after " + setting.timeout());
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static double cpu(List<Child> children) {
        return children.stream().mapToLong(child -> child.cpu().toNanos()).sum() / 1e9;
    }

    private static long size(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.mapToLong(
                            file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
        }
    }
}
