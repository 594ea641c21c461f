package io.natator.bench.names;

import io.natator.bench.ServiceProcess;
import io.natator.enricher.EnricherMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An enricher in a process of its own that finds what a pod finds: the service account at its place, the API server in its
 * environment, the JVM options of the image and the heap that the chart's limit gives. It needs root for a mount
 * namespace of its own.
 */
final class EnricherPod implements AutoCloseable {
    private static final String ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final int MEBIBYTE = 1024 * 1024;
    /** jvm.options of the image. */
    private static final int HEAP_PERCENT = 70;

    private final CountingProxy proxy;
    private final ServiceProcess process;

    /**
     * Starts one.
     *
     * @param apiServer its URL
     * @param account the folder of the service account
     * @param options besides those of the chart
     */
    EnricherPod(String apiServer, Path account, ChartRights chart, List<String> options) {
        proxy = new CountingProxy(apiServer);
        List<String> arguments = new ArrayList<>(chart.arguments());
        arguments.addAll(options);
        process = new ServiceProcess(
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        // Over /run, so that nothing is left of it outside.
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

    /** True while it writes and the topic agrees with the cluster. */
    boolean leads() {
        return process.isAlive() && process.answer("/readyz").equals("200 ready");
    }

    @Override
    public void close() {
        process.close();
        proxy.close();
    }
}
