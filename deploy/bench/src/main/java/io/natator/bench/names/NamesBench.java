package io.natator.bench.names;

import io.natator.bench.Machine;
import io.natator.bench.names.Disturbances.Disturbance;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code deploy/bench/names}. */
@Command(
        name = "names",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Holds the enricher's names against a real control plane while everything changes and fails.",
            "etcd, API server, controllers and scheduler are the real ones; nodes and pods exist in the API only (kwok)."
                    + " Two enrichers run as in pods, with the chart's rights, arguments and memory. The bench watches"
                    + " the cluster itself. At the end the topic must say what the API says, and of every moment who had"
                    + " an address then."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every name is right", "1:a name is wrong", "2:wrong options"})
public final class NamesBench implements Callable<Integer> {
    private static final int WRONG_SHOWN = 8;

    @Option(names = "--nodes", defaultValue = "200", description = "Nodes, at most 250; default: 200.")
    private int nodes;

    @Option(names = "--pods", defaultValue = "2500", description = "Pods at the start; default: 2500.")
    private int pods;

    @Option(names = "--seconds", defaultValue = "300", description = "Seconds of changes; default: 300.")
    private int seconds;

    @Option(names = "--pause", defaultValue = "250", description = "Milliseconds between two changes; default: 250.")
    private int pause;

    @Option(names = "--seed", description = "Seed of the changes; default: a new one, which is printed.")
    private long seed = new Random().nextInt(1_000_000);

    @Option(
            names = "--only",
            split = ",",
            description = "Disturbances, of: ${COMPLETION-CANDIDATES}; default: each once.")
    private List<Disturbance> disturbances = Arrays.asList(Disturbance.values());

    private NamesBench() {}

    /** Runs. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        System.setProperty("logback.configurationFile", "logback-bench.xml");
        System.exit(new CommandLine(new NamesBench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.println(Machine.description());
        System.out.println("seed " + seed);
        var size = new NamesRun.Size(
                nodes,
                pods,
                Duration.ofSeconds(seconds),
                Duration.ofMillis(pause),
                seed,
                Duration.ofSeconds(60),
                disturbances);
        return print(new NamesRun(size, System.out).run(), System.out);
    }

    private static int print(Findings findings, PrintStream out) {
        out.println();
        findings.right().forEach((what, number) -> out.printf("%-60s %,9d right%n", what, number));
        findings.others().forEach((what, number) -> out.printf("%-60s %,9d%n", what, number));
        findings.wrong().forEach((what, found) -> {
            out.printf("%-60s %,9d WRONG%n", what, found.size());
            found.stream().limit(WRONG_SHOWN).forEach(line -> out.println("  " + line));
        });
        out.printf("%n%-60s %,9d%n", "wrong", findings.numberWrong());
        return findings.numberWrong() == 0 ? 0 : 1;
    }
}
