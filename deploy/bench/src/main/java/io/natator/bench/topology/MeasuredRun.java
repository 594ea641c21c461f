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
 * One run of a measured program (the subject), in separate processes. The subject reads the topic once. The measurement
 * begins when the JVM is warm and ends when the subject has read the whole topic. The result is the number of committed
 * snapshots and the CPU time for them.
 */
final class MeasuredRun {
    private static final long POLL_MILLIS = 100;

    private final Setting setting;

    /**
     * The settings that all runs share.
     *
     * @param input the topic that the measured programs read
     * @param jvm how the processes of the measured programs are started
     * @param directory directory for state and recordings
     * @param timeout maximum duration of one run
     */
    record Setting(Input input, Jvm jvm, Path directory, Duration timeout) {}

    /**
     * The topic that the measured programs read.
     *
     * @param snapshots number of snapshots in the topic
     * @param warmUp share of the snapshots, 0 to 1, that is read before the measurement begins
     */
    record Input(String bootstrapServers, String prefix, long snapshots, double warmUp) {}

    /**
     * How the processes of the measured programs are started.
     *
     * @param cpus CPUs in the syntax of {@code taskset --cpu-list}
     * @param threads number of stream threads per instance
     */
    record Jvm(List<String> options, String cpus, int threads) {}

    /**
     * The result of a run.
     *
     * @param snapshots number of measured snapshots
     * @param cpuSeconds CPU time for the measured snapshots
     * @param threads the CPU time by the purpose of the threads, such as garbage collection
     * @param diskBytes size of the state on disk at the end
     * @param since start of the measurement
     * @param recording file of Java Flight Recorder, if requested
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

    MeasuredRun(Setting setting) {
        this.setting = setting;
    }

    /** Runs a program and measures it. */
    Result of(Subject subject, int instances, boolean recorded)
            throws IOException, ExecutionException, InterruptedException {
        String group = subject.name().toLowerCase(java.util.Locale.ROOT) + "-" + UUID.randomUUID();
        Path state = Files.createDirectories(setting.directory().resolve(group));
        Path recording = setting.directory().resolve(group + ".jfr");
        List<JvmProcess> children = new ArrayList<>();
        try (var progress = new GroupProgress(setting.input().bootstrapServers(), group)) {
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
            for (JvmProcess child : children) {
                child.close();
            }
        }
    }

    private JvmProcess start(
            Subject subject, String group, Path state, @org.jspecify.annotations.Nullable Path recording)
            throws IOException {
        List<String> options = new ArrayList<>(setting.jvm().options());
        if (recording != null) {
            options.add("-XX:StartFlightRecording:jdk.CPUTimeSample#enabled=true,jdk.CPUTimeSample#throttle="
                    + SampledStages.SAMPLED_MILLIS + "ms,dumponexit=true,filename=" + recording);
            options.add("-Xlog:jfr*=off");
        }
        return JvmProcess.start(
                SubjectMain.class,
                setting.jvm().cpus(),
                options,
                ProcessBuilder.Redirect.INHERIT,
                List.of(
                        subject.name(),
                        setting.input().bootstrapServers(),
                        setting.input().prefix(),
                        group,
                        state.toString(),
                        Integer.toString(setting.jvm().threads())));
    }

    private Result measure(Subject subject, String group, List<JvmProcess> children, GroupProgress progress, Path state)
            throws IOException, ExecutionException, InterruptedException {
        String topic = Topic.CONNECTIONS.name(setting.input().prefix());
        long warm = (long) (setting.input().snapshots() * setting.input().warmUp());
        long before = await(children, () -> progress.committed(topic), warm);
        double cpu = cpu(children);
        ThreadTimes threads = ThreadTimes.of(children);
        Instant since = Instant.now();
        await(children, () -> progress.committed(topic), setting.input().snapshots());
        if (subject.isTopology()) {
            String deltas = group + "-link-deltas-repartition";
            await(children, () -> progress.isDrained(deltas) ? 1 : 0, 1);
        }
        return new Result(
                setting.input().snapshots() - before,
                cpu(children) - cpu,
                Duration.between(since, Instant.now()).toNanos() / 1e9,
                ThreadTimes.of(children).since(threads),
                size(state),
                since,
                Optional.empty());
    }

    /** A measured number. It is polled until it is large enough. */
    private interface Figure {
        long now() throws ExecutionException, InterruptedException;
    }

    private long await(List<JvmProcess> children, Figure figure, long wanted)
            throws IOException, ExecutionException, InterruptedException {
        Instant end = Instant.now().plus(setting.timeout());
        while (true) {
            long now = figure.now();
            if (now >= wanted) {
                return now;
            }
            if (!children.stream().allMatch(JvmProcess::isAlive)) {
                throw new IOException("a process of the benchmark has ended: see above");
            }
            if (Instant.now().isAfter(end)) {
                throw new IOException("did not finish: " + now + " of " + wanted + " after " + setting.timeout());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static double cpu(List<JvmProcess> children) {
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
