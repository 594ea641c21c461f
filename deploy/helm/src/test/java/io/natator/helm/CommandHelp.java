package io.natator.helm;

import io.natator.http.command.HelpOption;
import io.natator.http.command.HelpPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Provides the help of each command under the name that the documentation uses for it. */
final class CommandHelp {
    private static final Map<String, String> MAIN = Map.of(
            "collector", "io.natator.collector.CollectorMain",
            "enricher", "io.natator.enricher.EnricherMain",
            "topology", "io.natator.topology.TopologyMain",
            "deploy/local/up", "io.natator.local.LocalMain",
            "deploy/bench/kernel", "io.natator.bench.KernelBench",
            "deploy/bench/identities", "io.natator.bench.IdentitiesBench",
            "deploy/bench/scrape", "io.natator.bench.topology.ScrapeBench",
            "deploy/bench/topology", "io.natator.bench.topology.TopologyBench");

    private static final Map<String, HelpPage> PAGES = new ConcurrentHashMap<>();

    private CommandHelp() {}

    static Set<String> names() {
        return MAIN.keySet();
    }

    /** Runs the command with {@code --help} in a separate process, and parses its output. */
    static HelpPage help(String command) {
        return PAGES.computeIfAbsent(command, CommandHelp::ask);
    }

    private static HelpPage ask(String command) {
        try {
            return HelpPage.parse(Processes.run(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    MAIN.get(command),
                    "--help")));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(command, e);
        }
    }

    /** The names of the command's options, including the form {@code --no-…} of options that can be negated. */
    static Set<String> options(String command) {
        return help(command).options().stream().flatMap(CommandHelp::writtenAs).collect(Collectors.toSet());
    }

    private static Stream<String> writtenAs(HelpOption option) {
        Stream<String> negated =
                option.negatable() ? Stream.of(option.name().replaceFirst("^--", "--no-")) : Stream.empty();
        return Stream.concat(option.names().stream(), negated);
    }
}
