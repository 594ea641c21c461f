package io.natator.helm;

import io.natator.testcluster.TestCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Helm 4 as users have it: a program that is run in the root of the checkout. */
final class Helm4 {
    static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    private final Path program;
    private final Path kubeconfig;

    /** Builds the program where it is not there yet, which takes some minutes. */
    Helm4(TestCluster cluster) throws IOException, InterruptedException {
        program = Path.of(
                Processes.run(List.of(ROOT.resolve("deploy/test-cluster/build").toString(), "helm"))
                        .lines()
                        .toList()
                        .getLast());
        kubeconfig = cluster.kubeconfig();
    }

    /**
     * Runs {@code helm} with these arguments.
     *
     * @return what it wrote, both streams
     */
    String run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("helm"));
        command.addAll(List.of(arguments));
        return shell(String.join(" ", command));
    }

    /** Runs a command of a README that calls {@code helm}. */
    String shell(String command) throws IOException, InterruptedException {
        @Nullable Path folder = program.getParent();
        return Processes.run(
                ROOT,
                Map.of("KUBECONFIG", kubeconfig.toString(), "PATH", folder + ":" + System.getenv("PATH")),
                List.of("bash", "-c", command));
    }
}
