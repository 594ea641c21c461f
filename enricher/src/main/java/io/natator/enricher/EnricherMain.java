package io.natator.enricher;

import io.natator.enricher.cluster.ClusterAccessException;
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
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The enricher as a program. */
@Command(
        name = "natator-enricher",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = "Watches one Kubernetes cluster and writes who owned which address, and when, to the topic"
                + " identities.",
        footer = {
            "",
            Commands.DURATIONS,
            Commands.REPEATED,
            Commands.ENVIRONMENT,
            "Exit codes: 0 stopped, 1 could not start or another enricher took over its topic, 2 wrong options."
        })
public final class EnricherMain implements Callable<Integer> {
    /** Runs an enricher until it ends. Tests use another implementation. */
    interface Launch {
        /** Returns the exit code. If the enricher cannot start, writes the reason to {@code errors} in one line. */
        int run(EnricherConfig config, LogConfig logging, PrintWriter errors);
    }

    private final Launch launch;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private EnricherOptions options = new EnricherOptions();

    /** Runs the command and exits with its code. */
    public static void main(String[] arguments) {
        ServiceLogging.choose();
        Termination.exitAfter(termination -> commandLine(
                        System.getenv(),
                        (config, logging, errors) -> launch(config, logging, errors, termination::onRequest))
                .execute(arguments));
    }

    private EnricherMain(Launch launch) {
        this.launch = launch;
    }

    static CommandLine commandLine(Map<String, String> environment, Launch launch) {
        return Commands.serviceCommand(new CommandLine(new EnricherMain(launch)), environment, Map.of());
    }

    @Override
    public Integer call() {
        List<String> problems = new ArrayList<>(Commands.errors(commandLineOf()));
        EnricherConfig config = options.config(problems);
        problems.addAll(config.problems());
        if (!problems.isEmpty()) {
            return Commands.reject(commandLineOf(), problems);
        }
        return launch.run(config, options.logging(), commandLineOf().getErr());
    }

    /**
     * Runs an enricher.
     *
     * @param onTermination receives the action that stops the enricher; the action runs when a signal asks the process
     *     to end
     */
    static int launch(EnricherConfig config, LogConfig logging, PrintWriter err, Consumer<Runnable> onTermination) {
        ServiceLogging.apply(logging);
        try (var app = new EnricherApp(config)) {
            onTermination.accept(app::close);
            app.start();
            return app.await() ? 0 : 1;
        } catch (ClusterAccessException e) {
            err.println(e.getMessage());
        } catch (IOException e) {
            err.println(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
        err.flush();
        return 1;
    }

    private CommandLine commandLineOf() {
        if (spec == null) {
            throw new IllegalStateException("created by commandLine() only");
        }
        return spec.commandLine();
    }
}
