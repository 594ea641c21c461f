package io.natator.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A service as a process that finds the cluster as in a pod: by the environment, with a service account's token, authority
 * and namespace in the folder that the kubelet mounts. Needs root: the folder is there in a mount namespace of its own.
 */
record InPod(Process process) implements AutoCloseable {
    private static final String MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount";
    /** The mount namespace ends with the process. */
    private static final String SCRIPT = """
            set -e
            mount -t tmpfs tmpfs "$(readlink -f /var/run)"
            mkdir -p %s
            mount --bind "$1" %s
            shift
            exec "$@"
            """.formatted(MOUNTED, MOUNTED);

    /**
     * Starts it.
     *
     * @param account has the files {@code token}, {@code ca.crt} and {@code namespace}
     * @param variables of its environment
     * @param log gets all that it writes
     */
    static InPod start(Path account, Map<String, String> variables, String main, List<String> arguments, Path log)
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
        // Where there is no kubeconfig.
        builder.environment()
                .put("HOME", Files.createDirectories(account.resolve("home")).toString());
        builder.environment().putAll(variables);
        return new InPod(builder.start());
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
    }
}
