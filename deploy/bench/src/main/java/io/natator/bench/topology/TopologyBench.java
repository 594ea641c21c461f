package io.natator.bench.topology;

import static java.util.Locale.ROOT;

import io.natator.bench.BenchCommand;
import io.natator.bench.Machine;
import io.natator.bench.Sample;
import io.natator.bench.topology.MeasuredRun.Result;
import io.natator.bench.topology.MeasuredRun.Setting;
import io.natator.bench.topology.SampledStages.Stage;
import io.natator.bench.topology.ThreadTimes.Kind;
import io.natator.http.command.CommandVersion;
import io.natator.http.command.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code deploy/bench/topology}. */
@Command(
        name = "deploy/bench/topology",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = "Measures the CPU time per snapshot in the topology, compared with a consumer that only decodes"
                + " and a Kafka Streams application that only forwards. They read one topic of an embedded broker, in"
                + " turns.",
        footer = {"", Commands.DURATIONS, Commands.REPEATED})
public final class TopologyBench implements Callable<Integer> {
    private static final String PREFIX = "bench.";

    /** The share of the snapshots that is read before the measurement begins. By then, the JIT compiler is idle. */
    private static final double WARM_UP = 0.5;

    private static final double GOAL = 0.5;
    private static final double MEBI = 1 << 20;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Measurements of each subject (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--live",
            paramLabel = "N",
            split = ",",
            defaultValue = "10000",
            description = "Live connections, with a topic for each number (default: ${DEFAULT-VALUE}).")
    private List<Integer> live = List.of();

    @Option(
            names = "--snapshots",
            paramLabel = "N",
            defaultValue = "2000000",
            description = "Snapshots in a topic, at least two per connection (default: ${DEFAULT-VALUE}).")
    private long snapshots;

    @Option(
            names = "--links",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Links that the connections belong to (default: ${DEFAULT-VALUE}).")
    private int links;

    @Option(
            names = "--instances",
            paramLabel = "N",
            split = ",",
            defaultValue = "1",
            description = "Instances of the topology that share the work (default: ${DEFAULT-VALUE}).")
    private List<Integer> instances = List.of();

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Stream threads per instance (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "6",
            description = "Partitions of the topics (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--subjects",
            paramLabel = "consumer|pass-through|topology|without-activity[,...]",
            hideParamSyntax = true,
            split = ",",
            defaultValue = "consumer,pass-through,topology",
            description = "Subjects to measure (default: ${DEFAULT-VALUE}).")
    private List<Subject> subjects = List.of();

    @Option(
            names = "--stages",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "true",
            description =
                    "Reports the CPU time of the topology by stages, from a sampled run (default: ${DEFAULT-VALUE}).")
    private boolean stages;

    @Option(
            names = "--hottest",
            paramLabel = "N",
            defaultValue = "0",
            description = "Number of hottest methods to report (default: ${DEFAULT-VALUE}).")
    private int hottest;

    @Option(
            names = "--jvm",
            paramLabel = "JVM-OPTIONS",
            split = " ",
            hideParamSyntax = true,
            defaultValue = "-Xmx1g",
            description = "Options of the measured JVMs, added to those of the image, separated by spaces (default:"
                    + " ${DEFAULT-VALUE}).")
    private List<String> jvm = List.of();

    @Option(
            names = "--cpus",
            paramLabel = "CPU-LIST",
            defaultValue = "",
            description = "CPUs of the measured processes, as for taskset -c.")
    private String cpus = "";

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "20m",
            description = "Maximum duration of a run (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ZERO;

    TopologyBench() {}

    public static void main(String[] arguments) {
        System.exit(BenchCommand.of(new TopologyBench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, ExecutionException, InterruptedException {
        System.out.printf(ROOT, "machine    %s%n", Machine.description());
        for (int connections : live) {
            measure(connections);
        }
        return 0;
    }

    private void measure(int connections) throws IOException, ExecutionException, InterruptedException {
        Path directory = Files.createTempDirectory("natator-bench-topology");
        try (JvmProcess broker = JvmProcess.start(
                BrokerMain.class,
                "",
                List.of("-Xmx1g"),
                ProcessBuilder.Redirect.DISCARD,
                List.of(directory.resolve("kafka").toString()))) {
            String bootstrapServers = broker.firstLine();
            int passes = (int) Math.max(2, snapshots / (2L * connections));
            var workload = new Workload(connections, links, passes, Instant.now());
            System.err.printf(ROOT, "filling the topic with %,d snapshots%n", workload.snapshots());
            long bytes = Prefill.run(bootstrapServers, PREFIX, partitions, workload);
            System.out.printf(
                    ROOT,
                    "%n%,d live connections of %,d links: %,d snapshots of %d bytes, %d partitions, %d thread(s)%n",
                    connections,
                    links,
                    workload.snapshots(),
                    bytes / workload.snapshots(),
                    partitions,
                    threads);
            var setting = new Setting(
                    new MeasuredRun.Input(bootstrapServers, PREFIX, workload.snapshots(), WARM_UP),
                    new MeasuredRun.Jvm(jvmOptions(), cpus, threads),
                    directory,
                    timeout);
            inTurns(setting);
            if (stages && subjects.contains(Subject.TOPOLOGY)) {
                stages(setting);
            }
        } finally {
            Machine.delete(directory);
        }
    }

    /**
     * Runs the measured programs in turn, round after round, so that a change in the machine's speed affects all of
     * them.
     */
    private void inTurns(Setting setting) throws IOException, ExecutionException, InterruptedException {
        Map<Subject, List<Result>> results = new EnumMap<>(Subject.class);
        List<List<Result>> shared = new ArrayList<>();
        instances.forEach(count -> shared.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (Subject subject : subjects) {
                System.err.printf(ROOT, "round %d of %d: %s%n", round + 1, rounds, subject.title());
                if (subject != Subject.TOPOLOGY) {
                    results.computeIfAbsent(subject, absent -> new ArrayList<>())
                            .add(run(setting, subject, 1, false));
                    continue;
                }
                for (int index = 0; index < instances.size(); index++) {
                    shared.get(index).add(run(setting, subject, instances.get(index), false));
                }
            }
        }
        System.out.printf(
                ROOT,
                "%-34s %12s %9s %8s %10s %10s %9s%n",
                "medians of " + rounds + " rounds",
                "/s and core",
                "µs CPU",
                "spread",
                "of pass-t.",
                "wall s",
                "disk MiB");
        Optional<Sample> base =
                Optional.ofNullable(results.get(Subject.PASS_THROUGH)).map(TopologyBench::rates);
        for (Subject subject : subjects) {
            if (subject != Subject.TOPOLOGY) {
                print(subject.title(), Objects.requireNonNull(results.get(subject), "no results"), base);
                continue;
            }
            for (int index = 0; index < instances.size(); index++) {
                int count = instances.get(index);
                print(subject.title() + (count == 1 ? "" : ", " + count + " instances"), shared.get(index), base);
            }
        }
        System.out.printf(ROOT, "%-34s %43.2f%n", "goal", GOAL);
        System.out.printf(ROOT, "%n%-34s", "µs CPU by thread");
        for (Kind kind : Kind.values()) {
            System.out.printf(ROOT, " %s;", kind.title());
        }
        System.out.println();
        results.forEach((subject, runs) -> threads(subject.title(), runs));
        for (int index = 0; index < instances.size(); index++) {
            threads(Subject.TOPOLOGY.title() + ", " + instances.get(index) + " instance(s)", shared.get(index));
        }
    }

    private static void threads(String title, List<Result> results) {
        if (results.isEmpty()) {
            return;
        }
        System.out.printf(ROOT, "%-34s", title);
        for (Kind kind : Kind.values()) {
            var micros = new Sample();
            results.forEach(result -> micros.add(result.threads().of(kind) * 1e6 / result.snapshots()));
            System.out.printf(ROOT, " %9.2f", micros.median());
        }
        System.out.println();
    }

    /** Reads the JVM options of the image, so that the measurement is valid for the service in its container. */
    private List<String> jvmOptions() {
        List<String> options = new ArrayList<>();
        options.add("@" + System.getProperty("natator.bench.jvm.options"));
        options.addAll(jvm);
        return options;
    }

    private static Result run(Setting setting, Subject subject, int count, boolean recorded)
            throws IOException, ExecutionException, InterruptedException {
        Result result = new MeasuredRun(setting).of(subject, count, recorded);
        System.err.printf(ROOT, "  %,.0f snapshots a second and core%n", result.perCpuSecond());
        return result;
    }

    private static Sample rates(List<Result> results) {
        var rates = new Sample();
        results.forEach(result -> rates.add(result.perCpuSecond()));
        return rates;
    }

    private static void print(String title, List<Result> results, Optional<Sample> base) {
        Sample rates = rates(results);
        var wall = new Sample();
        var disk = new Sample();
        results.forEach(result -> {
            wall.add(result.wallSeconds());
            disk.add(result.diskBytes() / MEBI);
        });
        System.out.printf(
                ROOT,
                "%-34s %,12.0f %9.1f %7.1f%% %10s %10.1f %9.0f%n",
                title,
                rates.median(),
                1e6 / rates.median(),
                rates.spread() * 100,
                base.map(pass -> "%.2f".formatted(Sample.ratios(rates, pass).median()))
                        .orElse("-"),
                wall.median(),
                disk.median());
    }

    private void stages(Setting setting) throws IOException, ExecutionException, InterruptedException {
        System.err.println("one more run, sampled for the stages");
        Result result = run(setting, Subject.TOPOLOGY, 1, true);
        Path recording = result.recording().orElseThrow();
        SampledStages sampled = SampledStages.of(recording, result.since());
        System.out.printf(ROOT, "%n%-34s %9s %8s%n", "stage (" + sampled.total() + " samples)", "µs CPU", "part");
        double micros = result.cpuMicros();
        for (Stage stage : Stage.values()) {
            stage(stage.title(), sampled.seconds(stage) * 1e6 / result.snapshots(), micros);
        }
        stage("JIT, garbage, RocksDB's threads", micros - sampled.seconds() * 1e6 / result.snapshots(), micros);
        sampled.hottest(hottest)
                .forEach(method -> System.out.printf(ROOT, "  %5.1f%% %s%n", method.getValue() * 100, method.getKey()));
    }

    private static void stage(String title, double part, double whole) {
        System.out.printf(ROOT, "%-34s %9.2f %7.1f%%%n", title, part, part / whole * 100);
    }
}
