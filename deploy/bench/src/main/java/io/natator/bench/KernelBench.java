package io.natator.bench;

import static java.util.Locale.ROOT;

import io.natator.http.command.CommandVersion;
import io.natator.http.command.Commands;
import io.natator.local.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code deploy/bench/kernel}. */
@Command(
        name = "deploy/bench/kernel",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description =
                "Measures the overhead of the collector. The load runs on one CPU, alternately with and without the"
                        + " collector. The collector and an embedded broker run on another CPU.",
        footer = {"", Commands.REPEATED})
public final class KernelBench implements Callable<Integer> {
    private enum Part {
        RATES,
        SNAPSHOTS,
        FOOTPRINT
    }

    private enum Kind {
        BULK("bulk", "bulk, 64 KiB writes", "MB/s", 1e-6, 0.99),
        REQUEST("request", "request/response, 64 B", "1/s", 1, 0.99),
        CONNECT("connect", "connect, 64 B, close", "1/s", 1, 0.95);

        private final String load;
        private final String title;
        private final String unit;
        private final double scale;
        private final double goal;

        Kind(String load, String title, String unit, double scale, double goal) {
            this.load = load;
            this.title = title;
            this.unit = unit;
            this.scale = scale;
            this.goal = goal;
        }
    }

    private static final int LIVE = 10_000;
    private static final Duration EVERY_SECOND = Duration.ofSeconds(1);
    private static final Duration AS_CONFIGURED = Duration.ofSeconds(5);

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "9",
            description = "Rounds with and without the collector (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "2",
            description = "Seconds that each load runs (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--live",
            paramLabel = "N",
            split = ",",
            defaultValue = "1000,10000,50000",
            description = "Numbers of live sockets for which a snapshot is timed (default: ${DEFAULT-VALUE}).")
    private List<Integer> live = List.of();

    @Option(
            names = "--only",
            paramLabel = "rates|snapshots|footprint",
            split = ",",
            defaultValue = "rates,snapshots,footprint",
            description = "Parts to measure (default: ${DEFAULT-VALUE}).")
    private List<Part> only = List.of();

    @Option(
            names = "--cpu",
            paramLabel = "N",
            defaultValue = "0",
            description = "CPU of the load (default: ${DEFAULT-VALUE}).")
    private int cpu;

    @Option(names = "--load", required = true, hidden = true)
    private Path load = Path.of("");

    @Option(names = "--collector", required = true, hidden = true)
    private Path collector = Path.of("");

    KernelBench() {}

    public static void main(String[] arguments) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-bench.xml");
        }
        System.exit(BenchCommand.of(new KernelBench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        System.out.printf(ROOT, "machine    %s%n", Machine.description());
        Path data = Files.createTempDirectory("natator-bench-kafka");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data, 0)) {
            var setup = new CollectorProcess.Setup(
                    collector,
                    kafka.bootstrapServers(),
                    Path.of("/sys/fs/bpf/natator-bench-"
                            + ProcessHandle.current().pid()));
            if (only.contains(Part.RATES)) {
                rates(setup);
            }
            if (only.contains(Part.SNAPSHOTS)) {
                snapshots(setup);
            }
            if (only.contains(Part.FOOTPRINT)) {
                footprint(setup);
            }
        } finally {
            Machine.delete(data);
        }
        return 0;
    }

    /**
     * Alternates runs with and without the collector, so that a change in the machine's speed affects both kinds of
     * runs.
     */
    private void rates(CollectorProcess.Setup setup) {
        Map<Kind, Sample> without = samples();
        Map<Kind, Sample> with = samples();
        measure(samples());
        for (int round = 0; round < rounds; round++) {
            if (round % 2 == 0) {
                measure(without);
                measureCollected(setup, with);
            } else {
                measureCollected(setup, with);
                measure(without);
            }
        }
        System.out.printf(ROOT, "%n");
        System.out.printf(
                ROOT,
                "%-24s %12s %12s %8s %8s %8s   (medians of %d rounds)%n",
                "",
                "without",
                "with",
                "ratio",
                "spread",
                "goal",
                rounds);
        for (Kind kind : Kind.values()) {
            Sample off = of(without, kind);
            Sample on = of(with, kind);
            Sample ratios = Sample.ratios(on, off);
            System.out.printf(
                    ROOT,
                    "%-24s %12.0f %12.0f %8.3f %7.1f%% %8.2f   %s%n",
                    kind.title,
                    off.median() * kind.scale,
                    on.median() * kind.scale,
                    ratios.median(),
                    ratios.spread() * 100,
                    kind.goal,
                    kind.unit);
        }
    }

    private static Map<Kind, Sample> samples() {
        Map<Kind, Sample> samples = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            samples.put(kind, new Sample());
        }
        return samples;
    }

    private static Sample of(Map<Kind, Sample> samples, Kind kind) {
        return java.util.Objects.requireNonNull(samples.get(kind), "no sample");
    }

    private void measureCollected(CollectorProcess.Setup setup, Map<Kind, Sample> into) {
        try (var collector = new CollectorProcess(setup, AS_CONFIGURED)) {
            measure(into);
            collector.until(
                    "the acknowledgement of all records", () -> collector.metric("unacknowledged_records") == 0);
        }
    }

    private void measure(Map<Kind, Sample> into) {
        var generator = new LoadGenerator(load, cpu);
        into.forEach((kind, sample) -> sample.add(generator.run(kind.load, seconds)));
    }

    private void snapshots(CollectorProcess.Setup setup) {
        System.out.printf(ROOT, "%n");
        System.out.printf(ROOT, "%-24s %12s %12s%n", "snapshot of live sockets", "quiet", "all changed");
        for (int sockets : live) {
            try (var held = new LoadGenerator(load, cpu).hold(sockets / 2);
                    var collector = new CollectorProcess(setup, EVERY_SECOND)) {
                collector.until(
                        "the collector to report all sockets", () -> collector.metric("connections_live") >= sockets);
                double quiet = millisPerSnapshot(collector, 8, () -> {});
                double changed = millisPerSnapshot(collector, 8, held::send);
                System.out.printf(ROOT, "%24d %9.1f ms %9.1f ms%n", sockets, quiet, changed);
            }
        }
    }

    private static double millisPerSnapshot(CollectorProcess collector, int passes, Runnable before) {
        // The first passes over the sockets are not measured, because they report new connections and because the JVM
        // has not compiled the code yet.
        awaitPasses(collector, 3, before);
        var each = new Sample();
        for (int pass = 0; pass < passes; pass++) {
            double nanos = collector.metric("snapshot_seconds_sum");
            double count = collector.metric("snapshot_seconds_count");
            awaitPasses(collector, 1, before);
            each.add((collector.metric("snapshot_seconds_sum") - nanos)
                    / (collector.metric("snapshot_seconds_count") - count));
        }
        return each.median() * 1_000;
    }

    private static void awaitPasses(CollectorProcess collector, int passes, Runnable before) {
        for (int pass = 0; pass < passes; pass++) {
            before.run();
            double count = collector.metric("snapshot_seconds_count");
            collector.until("a snapshot", () -> collector.metric("snapshot_seconds_count") > count);
        }
    }

    private void footprint(CollectorProcess.Setup setup) {
        System.out.printf(ROOT, "%n");
        System.out.printf(
                ROOT, "%-24s %12s %12s   (goals: 100 MiB, 1 %%)%n", "collector, " + LIVE + " live", "resident", "CPU");
        try (var held = new LoadGenerator(load, cpu).hold(LIVE / 2);
                var collector = new CollectorProcess(setup, AS_CONFIGURED)) {
            collector.until("the collector to report all sockets", () -> collector.metric("connections_live") >= LIVE);
            Machine.pause(Duration.ofSeconds(30));
            footprint("quiet", collector, () -> {});
            footprint("all change all the time", collector, held::send);
        }
    }

    /** Measures the collector's memory and CPU time for a minute. */
    private static void footprint(String title, CollectorProcess collector, Runnable every) {
        double cpu = collector.cpuSeconds();
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < Duration.ofMinutes(1).toNanos()) {
            every.run();
            Machine.pause(AS_CONFIGURED);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                ROOT,
                "%-24s %8.1f MiB %10.2f %%%n",
                title,
                collector.residentMebibytes(),
                (collector.cpuSeconds() - cpu) / seconds * 100);
    }
}
