package io.natator.local;

import io.natator.http.DefaultHttpPorts;
import io.natator.http.command.CommandVersion;
import io.natator.http.command.Commands;
import io.natator.http.command.Problems;
import io.natator.schemas.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options of {@code deploy/local/up}. */
@Command(
        name = "deploy/local/up",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = "Runs the whole pipeline on this machine and shows its busiest links. Ctrl-C stops it.",
        footer = {"", Commands.REPEATED, "Exit codes: 0 stopped, 1 could not start or failed, 2 wrong options."})
@SuppressWarnings("NullAway.Init")
final class LocalOptions {
    private static final int DEFAULT_KAFKA_PORT = 9092;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "Brokers of a Kafka cluster to use instead of the embedded broker.")
    private @Nullable List<String> bootstrapServers;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            description = "Port of the embedded broker on localhost; 0 for any free port (default: "
                    + DEFAULT_KAFKA_PORT + ").")
    private @Nullable Integer kafkaPort;

    @Option(
            names = "--data-directory",
            paramLabel = "DIR",
            defaultValue = "${sys:natator.data:-deploy/local/data}",
            description =
                    "Directory of Kafka's data, the state and the log between runs (default:" + " ${DEFAULT-VALUE}).")
    private Path dataDirectory;

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            defaultValue = Topic.DEFAULT_PREFIX,
            description = "Start of every topic's name (default: ${DEFAULT-VALUE}).")
    private String topicPrefix;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = DefaultHttpPorts.TOPOLOGY,
            description = "Port of /metrics and the API; 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    @Option(
            names = "--collector-http-port",
            paramLabel = "PORT",
            defaultValue = DefaultHttpPorts.COLLECTOR,
            description = "Port of the collector's /metrics; 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int collectorHttpPort;

    @Option(
            names = "--enricher-http-port",
            paramLabel = "PORT",
            defaultValue = DefaultHttpPorts.ENRICHER,
            description = "Port of the enricher's /metrics; 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int enricherHttpPort;

    @Option(
            names = "--kubernetes",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "true",
            description = "Runs the enricher if a cluster is configured (default: ${DEFAULT-VALUE}).")
    private boolean kubernetes;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Kubeconfig of the cluster (default: KUBECONFIG, else ~/.kube/config, else the pod's service"
                    + " account).")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--loopback",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "true",
            description = "Shows connections over loopback too (default: ${DEFAULT-VALUE}).")
    private boolean loopback;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "20",
            description = "Links in the table (default: ${DEFAULT-VALUE}).")
    private int rows;

    /** All problems of the options, one line each; empty if there are none. */
    List<String> problems() {
        var problems = new Problems();
        if (bootstrapServers != null && kafkaPort != null) {
            problems.add("--bootstrap-servers and --kafka-port exclude each other: the one uses a Kafka that runs, the"
                    + " other sets up the embedded one");
        }
        problems.port("--kafka-port", kafkaPort());
        problems.port("--http-port", httpPort);
        problems.port("--collector-http-port", collectorHttpPort);
        problems.port("--enricher-http-port", enricherHttpPort);
        checkDifferent(problems);
        if (kubeconfig != null && !kubernetes) {
            problems.add("--kubeconfig and --no-kubernetes exclude each other: the one names a cluster to watch");
        }
        if (kubeconfig != null && !(Files.isRegularFile(kubeconfig) && Files.isReadable(kubeconfig))) {
            problems.add("--kubeconfig " + kubeconfig + " is no file that can be read: give the path of a kubeconfig");
        }
        problems.atLeast("--rows", rows, 1);
        return problems.list();
    }

    private void checkDifferent(Problems problems) {
        Map<Integer, String> taken = new HashMap<>();
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("--kafka-port", bootstrapServers != null ? 0 : kafkaPort());
        ports.put("--http-port", httpPort);
        ports.put("--collector-http-port", collectorHttpPort);
        ports.put("--enricher-http-port", enricherHttpPort);
        ports.forEach((option, port) -> {
            String other = port == 0 ? null : taken.putIfAbsent(port, option);
            if (other != null) {
                problems.add(other + " and " + option + " are both " + port + ": give them different ones");
            }
        });
    }

    private int kafkaPort() {
        return kafkaPort == null ? DEFAULT_KAFKA_PORT : kafkaPort;
    }

    int rows() {
        return rows;
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    LocalConfig config() {
        return new LocalConfig(
                new LocalConfig.Kafka(
                        Optional.ofNullable(bootstrapServers).map(servers -> String.join(",", servers)), kafkaPort()),
                dataDirectory,
                topicPrefix,
                LocalConfig.Ports.ANY
                        .withTopology(httpPort)
                        .withCollector(collectorHttpPort)
                        .withEnricher(enricherHttpPort),
                new LocalConfig.Cluster(kubernetes, Optional.ofNullable(kubeconfig)),
                loopback);
    }
}
