package io.natator.bench.names;

import io.natator.bench.ServiceProcess;
import io.natator.enricher.EnricherMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An enricher in a process with the environment of a pod: the files of the service account, the API server's address in
 * environment variables, the JVM options of the image, and a heap in proportion to the chart's memory limit. Needs root
 * to create a mount namespace.
 */
final class EnricherPod implements AutoCloseable {
    private static final String ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final int MEBIBYTE = 1024 * 1024;
    /** The heap in percent of the memory limit, as in the image's jvm.options. */
    private static final int HEAP_PERCENT = 70;

    private final CountingProxy proxy;
    private final ServiceProcess process;

    /**
     * Starts an enricher.
     *
     * @param apiServer URL of the API server
     * @param account folder with the files of the service account
     * @param options options in addition to those of the chart
     */
    EnricherPod(String apiServer, Path account, EnricherChart chart, List<String> options) {
        proxy = new CountingProxy(apiServer);
        List<String> arguments = new ArrayList<>(chart.arguments());
        arguments.addAll(options);
        process = new ServiceProcess(
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        // The files are mounted on a new /run, so nothing remains outside of the mount namespace.
                        "mount -t tmpfs tmpfs /run && mkdir -p " + ACCOUNT + " && mount --bind \"$0\" " + ACCOUNT
                                + " && exec env -u KUBECONFIG HOME=/run KUBERNETES_SERVICE_HOST=127.0.0.1"
                                + " KUBERNETES_SERVICE_PORT=" + proxy.port() + " \"$@\"",
                        account.toString()),
                EnricherMain.class.getName(),
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Xmx" + (long) chart.memoryLimit() * MEBIBYTE * HEAP_PERCENT / 100),
                arguments);
    }

    ServiceProcess process() {
        return process;
    }

    CountingProxy proxy() {
        return proxy;
    }

    /** Returns true while this enricher writes and the topic agrees with the cluster. */
    boolean leads() {
        return process.isAlive() && process.response("/readyz").equals("200 ready");
    }

    @Override
    public void close() {
        process.close();
        proxy.close();
    }
}
