package io.natator.helm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs Helm 4 and kubectl as users do: the programs are found by PATH, and the working directory is the root of the
 * checkout.
 */
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
        // The last lines of the output are the paths of the programs. The lines before show the progress of the build.
        String folders = output.subList(output.size() - PROGRAMS.size(), output.size()).stream()
                .map(program -> Objects.toString(Path.of(program).getParent()))
                .collect(Collectors.joining(":"));
        environment = Map.of("KUBECONFIG", kubeconfig.toString(), "PATH", folders + ":" + System.getenv("PATH"));
    }

    /**
     * Runs a command line.
     *
     * @return standard output and standard error of the command
     * @throws AssertionError if the command failed; the message contains the output
     */
    String run(String command) throws IOException, InterruptedException {
        return Processes.run(ROOT, environment, List.of("bash", "-c", command));
    }
}
