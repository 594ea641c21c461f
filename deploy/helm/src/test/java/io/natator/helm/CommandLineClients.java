package io.natator.helm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs Helm 4 and kubectl like users do: from the path, in the root of the checkout. */
final class CommandLineClients {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final List<String> PROGRAMS = List.of("helm", "kubectl");

    private final Map<String, String> environment;

    /** Builds the programs if they are missing, which takes some minutes. */
    CommandLineClients(Path kubeconfig) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of(ROOT.resolve("deploy/test-cluster/build").toString()), PROGRAMS.stream())
                .toList();
        List<String> output = Processes.run(command).lines().toList();
        // The paths are the last lines, after the progress of the build.
        String folders = output.subList(output.size() - PROGRAMS.size(), output.size()).stream()
                .map(program -> Objects.toString(Path.of(program).getParent()))
                .collect(Collectors.joining(":"));
        environment = Map.of("KUBECONFIG", kubeconfig.toString(), "PATH", folders + ":" + System.getenv("PATH"));
    }

    /**
     * Runs a command line.
     *
     * @return its output, both streams
     * @throws AssertionError with its output if it failed
     */
    String run(String command) throws IOException, InterruptedException {
        return Processes.run(ROOT, environment, List.of("bash", "-c", command));
    }
}
