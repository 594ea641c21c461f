package io.natator.enricher;

import io.natator.enricher.ownership.Limits;
import io.natator.http.DefaultHttpPorts;
import io.natator.http.HttpOptions;
import io.natator.http.kafka.ClusterOptions;
import io.natator.http.kafka.KafkaOptions;
import io.natator.http.logging.LogConfig;
import io.natator.http.logging.LoggingOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of the enricher. */
final class EnricherOptions {
    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--flush-interval",
            paramLabel = "DURATION",
            defaultValue = "100ms",
            description = "How long changes are collected before they are written (default: ${DEFAULT-VALUE}).")
    private Duration flushInterval = Duration.ZERO;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Kubeconfig of the cluster (default: KUBECONFIG, else ~/.kube/config, else the pod's service"
                    + " account).")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "Context of the kubeconfig (default: its current context).")
    private @Nullable String context;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            split = ",",
            description = "Namespaces to watch (default: all namespaces).")
    private @Nullable List<String> namespaces;

    @Option(
            names = "--workload-labels",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "app.kubernetes.io/name",
            description = "Labels that name one-off pods and Jobs without a generateName, the first one first"
                    + " (default: ${DEFAULT-VALUE}).")
    private List<String> workloadLabels = List.of();

    @Option(
            names = "--page-size",
            paramLabel = "N",
            defaultValue = "500",
            description = "Objects per page of a list, 1 to 10000 (default: ${DEFAULT-VALUE}).")
    private int pageSize;

    @Option(
            names = "--leader-election",
            negatable = true,
            fallbackValue = "true",
            description = "Writes only while a Lease makes this enricher the leader (default: on in a cluster, off with"
                    + " a kubeconfig).")
    private @Nullable Boolean leaderElection;

    @Option(
            names = "--lease",
            paramLabel = "NAME",
            defaultValue = "natator-enricher",
            description =
                    "Name of the Lease; a hyphen and the --cluster-name are appended (default: ${DEFAULT-VALUE}).")
    private String lease = "";

    @Option(
            names = "--lease-namespace",
            paramLabel = "NAME",
            description = "Namespace of the Lease (default: the pod's namespace).")
    private @Nullable String leaseNamespace;

    @Option(
            names = "--history-depth",
            paramLabel = "N",
            defaultValue = "16",
            description = "Maximum owners stored per address, 1 to 1000; up to four times as many if they lost the"
                    + " address within the last minute (default: ${DEFAULT-VALUE}).")
    private int historyDepth;

    @Option(
            names = "--address-retention",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description = "How long past owners of an address are stored (default: ${DEFAULT-VALUE}).")
    private Duration addressRetention = Duration.ZERO;

    @Option(
            names = "--identity-retention",
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "How long deleted pods and nodes are stored (default: ${DEFAULT-VALUE}).")
    private Duration identityRetention = Duration.ZERO;

    @Option(
            names = "--owner-patience",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "Maximum time a pod waits for the look-up of its controllers (default: ${DEFAULT-VALUE}).")
    private Duration ownerPatience = Duration.ZERO;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = DefaultHttpPorts.ENRICHER,
            description = HttpOptions.PORT)
    private int httpPort;

    @Mixin
    private HttpOptions http = new HttpOptions();

    @Mixin
    private LoggingOptions logging = new LoggingOptions();

    /** The level and format of the log. */
    LogConfig logging() {
        return logging.config();
    }

    /**
     * The configuration.
     *
     * @param problems receives one line for each option that cannot be read
     */
    EnricherConfig config(List<String> problems) {
        return new EnricherConfig(
                kafka.config(problems),
                flushInterval,
                new EnricherConfig.Cluster(
                        cluster.name(problems),
                        Optional.ofNullable(kubeconfig),
                        Optional.ofNullable(context),
                        namespaces == null ? List.of() : namespaces,
                        pageSize,
                        workloadLabels.stream()
                                .filter(label -> !label.isEmpty())
                                .toList()),
                new EnricherConfig.Election(
                        Optional.ofNullable(leaderElection), Optional.ofNullable(leaseNamespace), lease),
                new Limits(historyDepth, addressRetention, identityRetention, ownerPatience),
                http.settings(httpPort, problems));
    }
}
