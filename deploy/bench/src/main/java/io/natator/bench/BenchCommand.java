package io.natator.bench;

import io.natator.http.command.Commands;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionStrategy;

/** Sets up the commands of the benchmarks. */
public final class BenchCommand {
    private static final int WRONG_OPTIONS = 2;

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
            if (errors.isEmpty()) {
                return launch.execute(parsed);
            }
            PrintWriter err = command.getErr();
            errors.forEach(err::println);
            err.println("see " + command.getCommandName() + " --help");
            return WRONG_OPTIONS;
        });
    }
}
