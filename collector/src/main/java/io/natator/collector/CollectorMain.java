package io.natator.collector;

import io.natator.http.command.CommandVersion;
import io.natator.http.command.Commands;
import io.natator.http.command.Termination;
import io.natator.http.logging.LogConfig;
import io.natator.http.logging.ServiceLogging;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code natator-collector}. Exit codes: 0 if it was stopped, 1 if it could not start (it prints the reason
 * in one line), 2 if options are wrong (it prints one line for each).
 */
public final class CollectorMain {
    private static final int OK = 0;
    private static final int CANNOT_START = 1;
    private static final int WRONG_OPTIONS = 2;

    /** Environment variables that only earlier versions read, each with the option that it set. */
    private static final Map<String, String> RETIRED_VARIABLES =
            Map.of("NODE_NAME", "--node-name", "NATATOR_COLLECTOR_HTTP_PORT", "--http-port");

    /** Runs a collector until it ends, and returns the exit code. Tests use another implementation. */
    interface Launch {
        int run(CollectorConfig config, LogConfig logging);
    }

    private final Map<String, String> environment;
    private final KernelSide kernel;
    private final Launch launch;
    private final PrintWriter out;
    private final PrintWriter err;
    private final CountDownLatch stop = new CountDownLatch(1);

    CollectorMain(KernelSide kernel, PrintWriter out, PrintWriter err) {
        this.environment = System.getenv();
        this.kernel = kernel;
        this.launch = this::collect;
        this.out = out;
        this.err = err;
    }

    /**
     * Creates a command for tests. It uses the given environment, and calls {@code launch} instead of running a
     * collector.
     */
    CollectorMain(Map<String, String> environment, KernelSide kernel, Launch launch, PrintWriter out, PrintWriter err) {
        this.environment = environment;
        this.kernel = kernel;
        this.launch = launch;
        this.out = out;
        this.err = err;
    }

    /** Runs the command until it ends by itself or a signal ends it. */
    public static void main(String[] args) {
        ServiceLogging.choose();
        Termination.exitAfter(termination -> {
            var main = new CollectorMain(new BpfKernelSide(), writer(System.out), writer(System.err));
            termination.onRequest(main::stop);
            return main.run(args);
        });
    }

    static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Stops the collector, so that {@link #run} returns. */
    void stop() {
        stop.countDown();
    }

    /** Parses the options and runs the command; returns the exit code. */
    int run(String... args) {
        CommandLine commandLine = commandLine();
        ParseResult parsed;
        try {
            parsed = commandLine.parseArgs(args);
        } catch (CommandLine.ParameterException e) {
            return refuse(List.of(e.getMessage()));
        }
        ParseResult deepest = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
        CommandLine chosen = deepest.commandSpec().commandLine();
        if (parsed.isUsageHelpRequested() || deepest.isUsageHelpRequested()) {
            chosen.usage(out);
            return OK;
        }
        if (parsed.isVersionHelpRequested() || deepest.isVersionHelpRequested()) {
            commandLine.printVersionHelp(out);
            return OK;
        }
        List<String> problems = parsed.asCommandLineList().stream()
                .flatMap(command -> Commands.errors(command).stream())
                .distinct()
                .collect(Collectors.toCollection(ArrayList::new));
        if (parsed.hasSubcommand()) {
            String command = deepest.commandSpec().name();
            parsed.matchedOptions().stream()
                    .map(option -> option.longestName() + " stands before the command " + command
                            + " and would have no effect: write it after " + command)
                    .forEach(problems::add);
        }
        Object command = deepest.commandSpec().userObject();
        return command instanceof Unload unload
                ? unload(unload, problems)
                : collect(((HasOptions) command).options(), problems);
    }

    private CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Collector());
        commandLine.addSubcommand("run", new Run());
        commandLine.addSubcommand("unload", new Unload());
        return Commands.serviceCommand(commandLine, environment, RETIRED_VARIABLES);
    }

    private int refuse(List<String> problems) {
        problems.forEach(problem -> err.println("collector: " + problem));
        err.println("collector: see natator-collector --help");
        return WRONG_OPTIONS;
    }

    private int fail(CollectorStartException failure) {
        String.valueOf(failure.getMessage()).lines().forEach(line -> err.println("collector: " + line));
        return CANNOT_START;
    }

    private int collect(CollectorOptions options, List<String> problems) {
        CollectorConfig config = options.config(problems);
        problems.addAll(config.problems());
        return problems.isEmpty() ? launch.run(config, options.logging()) : refuse(problems);
    }

    private int collect(CollectorConfig config, LogConfig logging) {
        ServiceLogging.apply(logging);
        try (var app = new CollectorApp(config, kernel::open)) {
            app.start();
            var heap = new HeapTrim();
            while (!stop.await(HeapTrim.INTERVAL.toSeconds(), TimeUnit.SECONDS)) {
                heap.run();
            }
        } catch (CollectorStartException e) {
            return fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return OK;
    }

    private int unload(Unload unload, List<String> problems) {
        if (!problems.isEmpty()) {
            return refuse(problems);
        }
        try {
            kernel.unload(unload.pinDirectory.path());
            return OK;
        } catch (CollectorStartException e) {
            return fail(e);
        }
    }

    private interface HasOptions {
        CollectorOptions options();
    }

    @Command(
            name = "natator-collector",
            mixinStandardHelpOptions = true,
            versionProvider = CommandVersion.class,
            sortOptions = false,
            customSynopsis = "natator-collector [COMMAND] [OPTIONS]",
            description = "Reads this machine's TCP connections from the kernel and sends them to Kafka.",
            footer = {
                "",
                "Without a command it runs.",
                Commands.DURATIONS,
                Commands.REPEATED,
                Commands.ENVIRONMENT,
                "Exit codes: 0 stopped, 1 could not start, 2 wrong options."
            })
    private static final class Collector implements HasOptions {
        @Mixin
        private final CollectorOptions options = new CollectorOptions();

        @Override
        public CollectorOptions options() {
            return options;
        }
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            versionProvider = CommandVersion.class,
            sortOptions = false,
            abbreviateSynopsis = true,
            description = "Collects until it is stopped (the default).",
            footer = {"", Commands.DURATIONS, Commands.REPEATED, Commands.ENVIRONMENT})
    private static final class Run implements HasOptions {
        @Mixin
        private final CollectorOptions options = new CollectorOptions();

        @Override
        public CollectorOptions options() {
            return options;
        }
    }

    @Command(
            name = "unload",
            mixinStandardHelpOptions = true,
            versionProvider = CommandVersion.class,
            description = "Detaches the BPF programs and removes their pins. Events that are not sent yet are lost.",
            footer = {"", Commands.ENVIRONMENT})
    private static final class Unload {
        @Mixin
        private final PinDirectoryOption pinDirectory = new PinDirectoryOption();
    }
}
