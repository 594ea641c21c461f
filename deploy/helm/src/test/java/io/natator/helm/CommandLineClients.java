package io.natator.helm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Helm 4 and kubectl as users have them: programs on the path, run in the root of the checkout. */
final class Clients {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final List<String> PROGRAMS = List.of("helm", "kubectl");

    private final Map<String, String> environment;

    /** Builds the programs where they are not there yet, which takes some minutes. */
    Clients(Path kubeconfig) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of(ROOT.resolve("deploy/test-cluster/build").toString()), PROGRAMS.stream())
                .toList();
        List<String> output = Processes.run(command).lines().toList();
        // The last lines; before them is what it says while it builds.
        String folders = output.subList(output.size() - PROGRAMS.size(), output.size()).stream()
                .map(program -> Objects.toString(Path.of(program).getParent()))
                .collect(Collectors.joining(":"));
        environment = Map.of("KUBECONFIG", kubeconfig.toString(), "PATH", folders + ":" + System.getenv("PATH"));
    }

    /**
     * Runs a command line.
     *
     * @return what it wrote, both streams
     * @throws AssertionError with what it wrote, if it failed
     */
    String run(String command) throws IOException, InterruptedException {
        return Processes.run(ROOT, environment, List.of("bash", "-c", command));
    }
}
