package io.natator.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A service in a process with the environment of a pod. Environment variables contain the API server's address. The
 * folder that a kubelet mounts contains token, authority and namespace. Needs root to create a mount namespace with
 * that folder.
 */
record PodProcess(Process process) implements AutoCloseable {
    private static final String MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount";
    /** Mounts the folder and starts the service. The mount namespace ends with the process. */
    private static final String SCRIPT = """
            set -e
            mount -t tmpfs tmpfs "$(readlink -f /var/run)"
            mkdir -p %s
            mount --bind "$1" %s
            shift
            exec "$@"
            """.formatted(MOUNTED, MOUNTED);

    /**
     * Starts a service.
     *
     * @param account folder with the files {@code token}, {@code ca.crt} and {@code namespace}
     * @param variables environment variables of the service
     * @param log file that receives the service's output
     */
    static PodProcess start(Path account, Map<String, String> variables, String main, List<String> arguments, Path log)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "--propagation=private",
                "sh",
                "-c",
                SCRIPT,
                "sh",
                account.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().remove("KUBECONFIG");
        // The home directory contains no kubeconfig, so the service uses the service account.
        builder.environment()
                .put("HOME", Files.createDirectories(account.resolve("home")).toString());
        builder.environment().putAll(variables);
        return new PodProcess(builder.start());
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
    }
}
