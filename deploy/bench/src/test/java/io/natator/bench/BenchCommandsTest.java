package io.natator.bench;

import io.natator.bench.names.NamesCommands;
import io.natator.bench.topology.TopologyCommands;
import io.natator.http.command.CommandContract;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

class BenchCommandsTest {
    /** Options that the help does not show, because the scripts set them. */
    private static final List<String> FROM_THE_SCRIPT = List.of("--load=load", "--collector=collector");

    @Nested
    class Kernel extends CommandContract {
        @Override
        protected Run run(Map<String, String> environment, List<String> arguments) {
            return parse(
                    new KernelBench(),
                    Stream.concat(FROM_THE_SCRIPT.stream(), arguments.stream()).toList());
        }
    }

    @Nested
    class Identities extends CommandContract {
        @Override
        protected Run run(Map<String, String> environment, List<String> arguments) {
            return parse(new IdentitiesBench(), arguments);
        }
    }

    @Nested
    class Names extends CommandContract {
        @Override
        protected Map<String, List<String>> ownTypes(Path directory) {
            return Map.of("FAILURE", List.of("kill", "rights"));
        }

        @Override
        protected Run run(Map<String, String> environment, List<String> arguments) {
            return parse(NamesCommands.names(), arguments);
        }
    }

    @Nested
    class ApiServer extends CommandContract {
        @Override
        protected Run run(Map<String, String> environment, List<String> arguments) {
            return parse(NamesCommands.apiServer(), arguments);
        }
    }

    @Nested
    class Scrape extends CommandContract {
        @Override
        protected Run run(Map<String, String> environment, List<String> arguments) {
            return parse(TopologyCommands.scrape(), arguments);
        }
    }

    @Nested
    class Topology extends CommandContract {
        @Override
        protected Map<String, List<String>> ownTypes(Path directory) {
            return Map.of("JVM-OPTIONS", List.of("-Xmx2g", "-Xmx2g -Xint"), "CPU-LIST", List.of("0", "0,1"));
        }

        @Override
        protected Run run(Map<String, String> environment, List<String> arguments) {
            return parse(TopologyCommands.topology(), arguments);
        }
    }

    private static CommandContract.Run parse(Callable<Integer> bench, List<String> arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var started = new AtomicReference<>();
        int code = BenchCommand.of(bench, parsed -> {
                    started.set(bench);
                    return 0;
                })
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        return new CommandContract.Run(code, out.toString(), err.toString(), started.get());
    }
}
