package io.natator.bench;

import io.natator.http.command.Commands;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionStrategy;

/** Sets up the commands of the benchmarks. */
public final class BenchCommand {
    private BenchCommand() {}

    /** Creates the command line of a benchmark. It reports each wrong option in one line. */
    public static CommandLine of(Callable<Integer> bench) {
        return of(bench, new CommandLine.RunLast());
    }

    static CommandLine of(Callable<Integer> bench, IExecutionStrategy launch) {
        var command = Commands.command(new CommandLine(bench));
        return command.setExecutionStrategy(parsed -> {
            List<String> errors = Commands.errors(command);
            if (parsed.isUsageHelpRequested() || parsed.isVersionHelpRequested()) {
                return new CommandLine.RunLast().execute(parsed);
            }
            return errors.isEmpty() ? launch.execute(parsed) : Commands.reject(command, errors);
        });
    }
}
