package io.natator.topology;

import io.natator.http.command.CommandVersion;
import io.natator.http.command.Commands;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command: runs one instance until it is told to stop (SIGTERM, SIGINT). */
@Command(
        name = "natator-topology",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = "Turns connection snapshots into exact links: metrics, topics and an API.",
        footer = {
            "",
            Commands.DURATIONS,
            Commands.REPEATED,
            Commands.ENVIRONMENT,
            "Exit codes: 0 stopped, 1 could not start or go on, 2 wrong options."
        })
public final class TopologyMain implements Callable<Integer> {
    private static final String LOGBACK = "logback.configurationFile";

    /** Runs an instance until it ends. */
    interface Launch {
        /** Returns the exit code; what ends it early is written to {@code errors}, one line. */
        int run(TopologyConfig config, PrintWriter errors) throws InterruptedException;
    }

    private final Launch launch;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private TopologyOptions options = new TopologyOptions();

    private TopologyMain(Launch launch) {
        this.launch = launch;
    }

    /** Runs the command and exits with its code. */
    public static void main(String[] arguments) {
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, "logback-topology.xml");
        }
        System.exit(commandLine(System.getenv(), TopologyMain::launch).execute(arguments));
    }

    static CommandLine commandLine(Map<String, String> environment, Launch launch) {
        return Commands.serviceCommand(new CommandLine(new TopologyMain(launch)), environment, Map.of());
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        PrintWriter errors = line.getErr();
        List<String> unread = Commands.errors(line);
        TopologyOptions.Read read = options.read();
        if (!unread.isEmpty() || !read.problems().isEmpty()) {
            unread.forEach(errors::println);
            read.problems().forEach(errors::println);
            errors.println("see natator-topology --help");
            return 2;
        }
        return launch.run(read.config(), errors);
    }

    static int launch(TopologyConfig config, PrintWriter errors) throws InterruptedException {
        try (var app = new TopologyApp(config)) {
            Thread closer = new Thread(app::close, "natator-topology-stop");
            Runtime.getRuntime().addShutdownHook(closer);
            app.start();
            Optional<String> failure = app.await();
            failure.ifPresent(errors::println);
            return failure.isPresent() ? 1 : 0;
        } catch (IOException e) {
            errors.println(e.getMessage());
            return 1;
        }
    }
}
