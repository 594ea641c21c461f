package io.natator.bench.names;

import io.natator.bench.BenchCommand;
import io.natator.bench.Machine;
import io.natator.bench.names.Disturbances.Disturbance;
import io.natator.http.command.CommandVersion;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code deploy/bench/names}. */
@Command(
        name = "deploy/bench/names",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Compares the enricher's names with a real control plane while the cluster changes and fails.",
            "etcd, API server, controllers and scheduler are real; nodes and pods exist in the API only (kwok). Two"
                    + " enrichers run as in pods, with the chart's rights, arguments and memory. The bench watches the"
                    + " cluster itself. At the end the topic must agree with the API, and must contain the right owner of"
                    + " each address at every moment."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every name is right", "1:a name is wrong", "2:wrong options"})
public final class NamesBench implements Callable<Integer> {
    private static final int WRONG_SHOWN = 8;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "200",
            description = "Nodes of the cluster, at most 250 (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--pods",
            paramLabel = "N",
            defaultValue = "2500",
            description = "Pods of the cluster at the start (default: ${DEFAULT-VALUE}).")
    private int pods;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "300",
            description = "Seconds in which the cluster changes (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--pause",
            paramLabel = "N",
            defaultValue = "250",
            description = "Milliseconds between two changes (default: ${DEFAULT-VALUE}).")
    private int pause;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the changes (default: a random one, which is printed).")
    private @Nullable Long seed;

    @Option(
            names = "--only",
            paramLabel = "restart|compaction|kill|stop|token|rights",
            split = ",",
            hideParamSyntax = true, // with it, the label is too long for a line of the help
            defaultValue = "restart,compaction,kill,stop,token,rights",
            description =
                    "Failures to cause, separated by commas: the API server is killed, versions expire, the leader is killed, the leader is"
                            + " stopped, the token expires, rights are revoked (default: ${DEFAULT-VALUE}).")
    private List<Disturbance> disturbances = List.of();

    NamesBench() {}

    /** Runs the benchmark. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        System.setProperty("logback.configurationFile", "logback-bench.xml");
        System.exit(BenchCommand.of(new NamesBench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.println(Machine.description());
        long chosenSeed = seed == null ? new Random().nextInt(1_000_000) : seed;
        System.out.println("seed " + chosenSeed);
        var size = new NamesRun.Size(
                nodes,
                pods,
                Duration.ofSeconds(seconds),
                Duration.ofMillis(pause),
                chosenSeed,
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
