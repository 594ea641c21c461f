package io.natator.topology;

import io.natator.http.command.CommandVersion;
import io.natator.http.command.Commands;
import io.natator.http.command.Termination;
import io.natator.http.logging.LogConfig;
import io.natator.http.logging.ServiceLogging;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code natator-topology}. It runs one instance until a signal (SIGTERM, SIGINT) stops it. */
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
    /** Runs an instance until it is closed or fails. */
    interface Launch {
        /** Returns the exit code. If the instance fails, the reason is written to {@code errors} as one line. */
        int run(TopologyConfig config, LogConfig logging, PrintWriter errors) throws InterruptedException;
    }

    private final Launch launch;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private TopologyOptions options = new TopologyOptions();

    private TopologyMain(Launch launch) {
        this.launch = launch;
    }

    /** Runs the command, and ends the process with the command's exit code. */
    public static void main(String[] arguments) {
        ServiceLogging.choose();
        Termination.exitAfter(termination -> commandLine(
                        System.getenv(),
                        (config, logging, errors) -> launch(config, logging, errors, termination::onRequest))
                .execute(arguments));
    }

    static CommandLine commandLine(Map<String, String> environment, Launch launch) {
        return Commands.serviceCommand(new CommandLine(new TopologyMain(launch)), environment, Map.of());
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        List<String> problems = new ArrayList<>(Commands.errors(line));
        TopologyConfig config = options.config(problems);
        problems.addAll(config.problems());
        if (!problems.isEmpty()) {
            return Commands.reject(line, problems);
        }
        return launch.run(config, options.logging(), line.getErr());
    }

    /**
     * Runs an instance until it is closed or fails.
     *
     * @param onTermination receives the action that stops the instance
     */
    static int launch(TopologyConfig config, LogConfig logging, PrintWriter errors, Consumer<Runnable> onTermination)
            throws InterruptedException {
        ServiceLogging.apply(logging);
        try (var app = new TopologyApp(config)) {
            onTermination.accept(app::close);
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
