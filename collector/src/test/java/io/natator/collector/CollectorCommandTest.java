package io.natator.collector;

import io.natator.bpf.SocketSource;
import io.natator.collector.owner.CgroupMount;
import io.natator.http.command.CommandContract;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class CollectorCommandTest extends CommandContract {
    private static final List<String> NAMES = List.of("one.slice", "two.slice");

    /** A cgroup of this machine, because no other directory is a cgroup. */
    private Path cgroups = Path.of("");

    @BeforeEach
    void makeCgroups() throws IOException {
        cgroups = CgroupMount.find(Path.of("/proc")).orElseThrow().resolve("natator-command-" + UUID.randomUUID());
        Files.createDirectory(cgroups);
        for (String name : NAMES) {
            Files.createDirectory(cgroups.resolve(name));
        }
    }

    @AfterEach
    void removeCgroups() throws IOException {
        for (String name : NAMES) {
            Files.delete(cgroups.resolve(name));
        }
        Files.delete(cgroups);
    }

    @Override
    protected Map<String, List<String>> ownTypes(Path directory) {
        return Map.of(
                "CGROUP",
                List.of("one.slice", "/two.slice"),
                "CGROUP-DIR",
                NAMES.stream().map(name -> cgroups.resolve(name).toString()).toList());
    }

    @Override
    protected Run run(Map<String, String> environment, List<String> arguments) {
        Map<String, String> variables = new HashMap<>(Map.of("NATATOR_CGROUP_ROOT", cgroups.toString()));
        variables.putAll(environment);
        var out = new StringWriter();
        var err = new StringWriter();
        var started = new AtomicReference<>();
        int code = new CollectorMain(
                        variables,
                        new Unloading(started),
                        (config, logging) -> {
                            started.set(List.of(config, logging));
                            return 0;
                        },
                        new PrintWriter(out, true),
                        new PrintWriter(err, true))
                .run(arguments.toArray(String[]::new));
        return new Run(code, out.toString(), err.toString(), started.get());
    }

    /** A kernel side that stores the pin directory with which the command {@code unload} was called. */
    private record Unloading(AtomicReference<Object> pinDirectory) implements KernelSide {
        @Override
        public SocketSource open(CollectorConfig config) {
            throw new AssertionError("a run is started elsewhere");
        }

        @Override
        public void unload(Path directory) {
            pinDirectory.set(directory);
        }
    }
}
