package io.natator.collector;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code collector}. Exit codes: 0 ended as asked, 1 could not start (one line says why), 2 wrong options (one
 * line for each).
 */
public final class CollectorMain {
    private static final int OK = 0;
    private static final int CANNOT_START = 1;
    private static final int WRONG_OPTIONS = 2;

    private final KernelSide kernel;
    private final PrintWriter out;
    private final PrintWriter err;
    private final CountDownLatch stop = new CountDownLatch(1);

    CollectorMain(KernelSide kernel, PrintWriter out, PrintWriter err) {
        this.kernel = kernel;
        this.out = out;
        this.err = err;
    }

    /** Runs the command until it ends or a signal ends it. */
    public static void main(String[] args) {
        Logging.choose();
        var main = new CollectorMain(new BpfKernelSide(), writer(System.out), writer(System.err));
        var ended = new CompletableFuture<Integer>();
        // Halted with the run's own code: the JVM's for a signal would say that it failed.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            main.stop();
            Runtime.getRuntime().halt(ended.join());
        }));
        ended.complete(main.run(args));
        System.exit(OK);
    }

    static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Ends a run under way; it then returns. */
    void stop() {
        stop.countDown();
    }

    /** Parses and runs. */
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
                .flatMap(command -> command.getParseResult().errors().stream())
                .map(Exception::getMessage)
                .distinct()
                .collect(Collectors.toCollection(ArrayList::new));
        Object command = deepest.commandSpec().userObject();
        return command instanceof Unload unload
                ? unload(unload, problems)
                : collect(((HasOptions) command).options(), problems);
    }

    private CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Collector());
        commandLine.addSubcommand("run", new Run());
        commandLine.addSubcommand("unload", new Unload());
        commandLine.registerConverter(Duration.class, text -> {
            try {
                return Durations.parse(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(e.getMessage());
            }
        });
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        collectErrors(commandLine);
        commandLine.getSubcommands().values().forEach(CollectorMain::collectErrors);
        return commandLine;
    }

    private static void collectErrors(CommandLine commandLine) {
        commandLine.getCommandSpec().parser().collectErrors(true);
    }

    private int refuse(List<String> problems) {
        problems.forEach(problem -> err.println("collector: " + problem));
        err.println("collector: see collector --help");
        return WRONG_OPTIONS;
    }

    private int fail(CollectorStartException failure) {
        String.valueOf(failure.getMessage()).lines().forEach(line -> err.println("collector: " + line));
        return CANNOT_START;
    }

    private int collect(CollectorOptions options, List<String> problems) {
        CollectorConfig config = options.config(problems);
        problems.addAll(config.problems());
        return problems.isEmpty() ? collect(config) : refuse(problems);
    }

    private int collect(CollectorConfig config) {
        try (var app = new CollectorApp(config, kernel::open)) {
            app.start();
            var heap = new HeapTrim();
            while (!stop.await(30, TimeUnit.SECONDS)) {
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
            kernel.unload(unload.pinDirectory);
            return OK;
        } catch (CollectorStartException e) {
            return fail(e);
        }
    }

    private interface HasOptions {
        CollectorOptions options();
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "natator collector "
                        + Objects.requireNonNullElse(
                                CollectorMain.class.getPackage().getImplementationVersion(), "(development build)")
            };
        }
    }

    @Command(
            name = "collector",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            sortOptions = false,
            description = "Reads this machine's TCP connections from the kernel and sends them to Kafka.",
            footer = {
                "",
                "Without a command it runs. Times are written as 200ms, 5s, 2m or 1h.",
                "Exit codes: 0 ended as asked, 1 could not start, 2 wrong options."
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
            versionProvider = Version.class,
            sortOptions = false,
            description = "Collects until it is told to end (the default).")
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
            versionProvider = Version.class,
            description = "Detaches the kernel side and removes what is pinned; what waits there is lost.")
    private static final class Unload {
        @Option(
                names = "--pin-directory",
                paramLabel = "DIR",
                defaultValue = "${env:NATATOR_PIN_DIRECTORY:-/sys/fs/bpf/natator}",
                description = "Where maps and links are pinned (NATATOR_PIN_DIRECTORY; default: /sys/fs/bpf/natator).")
        private Path pinDirectory = Path.of("/sys/fs/bpf/natator");
    }
}
