package io.natator.bench.names;

import io.natator.bench.ServiceProcess;
import io.natator.enricher.EnricherMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An enricher in a process with the environment of a pod: the service account at its path, the API server in the environment,
 * the JVM options of the image, and the heap that follows from the chart's limit. It needs root for a mount namespace.
 */
final class EnricherPod implements AutoCloseable {
    private static final String ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final int MEBIBYTE = 1024 * 1024;
    /** As in jvm.options of the image. */
    private static final int HEAP_PERCENT = 70;

    private final CountingProxy proxy;
    private final ServiceProcess process;

    /**
     * Starts an enricher.
     *
     * @param apiServer its URL
     * @param account the folder of the service account
     * @param options in addition to those of the chart
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
                        // On a new /run, so that nothing remains outside of the namespace.
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

    /** Returns true while it writes and the topic agrees with the cluster. */
    boolean leads() {
        return process.isAlive() && process.response("/readyz").equals("200 ready");
    }

    @Override
    public void close() {
        process.close();
        proxy.close();
    }
}
