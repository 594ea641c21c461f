package io.natator.enricher;

import io.natator.enricher.cluster.ClusterAccessException;
import io.natator.enricher.ownership.Limits;
import io.natator.http.HttpOptions;
import io.natator.http.command.CommandVersion;
import io.natator.http.command.Commands;
import io.natator.schemas.RegistryConfig;
import io.natator.schemas.Topic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The enricher as a program. */
@Command(
        name = "natator-enricher",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = "Watches one Kubernetes cluster and writes who owned which address, and when, to the topic"
                + " identities.",
        footer = {
            "",
            Commands.DURATIONS,
            Commands.REPEATED,
            Commands.ENVIRONMENT,
            "Exit codes: 0 stopped, 1 could not start or another enricher took over its topic, 2 wrong options."
        })
public final class EnricherMain implements Callable<Integer> {
    /** Runs an enricher until it ends. */
    interface Launch {
        /** Returns the exit code; what ends it early is written to {@code errors}, one line. */
        int run(EnricherConfig config, PrintWriter errors);
    }

    private final Launch launch;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            split = ",",
            defaultValue = "localhost:9092",
            description = "Kafka brokers (default: ${DEFAULT-VALUE}).")
    private List<String> bootstrapServers = List.of();

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            defaultValue = Topic.DEFAULT_PREFIX,
            description = "Start of every topic's name, one per cluster (default: ${DEFAULT-VALUE}).")
    private String topicPrefix = "";

    @Option(
            names = "--kafka-config",
            paramLabel = "PROPERTIES-FILE",
            description = "Settings of the Kafka clients, such as TLS and SASL.")
    private @Nullable Path kafkaConfig;

    @Option(
            names = "--schema-registry-url",
            paramLabel = "URL",
            defaultValue = "",
            description = "Writes values in Confluent's wire format, with schemas in this registry. --kafka-config has"
                    + " its credentials and TLS, under the names of Confluent's clients.")
    private String schemaRegistryUrl = "";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "6",
            description =
                    "Partitions of the topic identities when the enricher creates it (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--flush-interval",
            paramLabel = "DURATION",
            defaultValue = "100ms",
            description = "Changes are collected for this long before they are written (default: ${DEFAULT-VALUE}).")
    private Duration flushInterval = Duration.ZERO;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Describes how to reach the cluster (default: KUBECONFIG, else ~/.kube/config, else the pod's"
                    + " service account).")
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
            names = "--page-size",
            paramLabel = "N",
            defaultValue = "500",
            description = "Objects per page of a list, 1 to 10000 (default: ${DEFAULT-VALUE}).")
    private int pageSize;

    @Option(
            names = "--leader-election",
            negatable = true,
            fallbackValue = "true",
            description = "Works only while it is the leader, elected by a Lease (default: on in a cluster, off with a"
                    + " kubeconfig).")
    private @Nullable Boolean leaderElection;

    @Option(
            names = "--lease",
            paramLabel = "NAME",
            defaultValue = "natator-enricher",
            description = "Name of the Lease (default: ${DEFAULT-VALUE}).")
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
            description = "Owners stored per address, 1 to 1000; up to four times as many of the last minute"
                    + " (default: ${DEFAULT-VALUE}).")
    private int historyDepth;

    @Option(
            names = "--address-retention",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description = "Past owners of an address are stored for this long (default: ${DEFAULT-VALUE}).")
    private Duration addressRetention = Duration.ZERO;

    @Option(
            names = "--identity-retention",
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "Deleted pods and nodes are stored for this long (default: ${DEFAULT-VALUE}).")
    private Duration identityRetention = Duration.ZERO;

    @Option(
            names = "--owner-patience",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "A pod waits at most this long for the look-up of its owners (default: ${DEFAULT-VALUE}).")
    private Duration ownerPatience = Duration.ZERO;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "7119",
            description = "Port of /metrics, /healthz and /readyz; 0 for any free port (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    @Mixin
    private HttpOptions http = new HttpOptions();

    /** Runs until it is told to stop. */
    public static void main(String[] arguments) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-enricher.xml");
        }
        System.exit(commandLine(System.getenv(), EnricherMain::launch).execute(arguments));
    }

    private EnricherMain(Launch launch) {
        this.launch = launch;
    }

    static CommandLine commandLine(Map<String, String> environment, Launch launch) {
        return Commands.serviceCommand(new CommandLine(new EnricherMain(launch)), environment, Map.of());
    }

    @Override
    public Integer call() {
        PrintWriter err = commandLineOf().getErr();
        List<String> problems = new ArrayList<>(Commands.errors(commandLineOf()));
        Map<String, String> clientConfig = readKafkaConfig(problems);
        EnricherConfig config = config(clientConfig, problems);
        problems.addAll(config.problems());
        if (!problems.isEmpty()) {
            problems.forEach(err::println);
            err.println("see natator-enricher --help");
            err.flush();
            return 2;
        }
        return launch.run(config, err);
    }

    static int launch(EnricherConfig config, PrintWriter err) {
        try (var app = new EnricherApp(config)) {
            app.start();
            Runtime.getRuntime().addShutdownHook(new Thread(app::close, "shutdown"));
            return app.await() ? 0 : 1;
        } catch (ClusterAccessException e) {
            err.println(e.getMessage());
        } catch (IOException e) {
            err.println(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
        err.flush();
        return 1;
    }

    private CommandLine commandLineOf() {
        if (spec == null) {
            throw new IllegalStateException("made by commandLine() only");
        }
        return spec.commandLine();
    }

    private Map<String, String> readKafkaConfig(List<String> problems) {
        Map<String, String> found = new HashMap<>();
        if (kafkaConfig != null) {
            try (BufferedReader reader = Files.newBufferedReader(kafkaConfig, StandardCharsets.UTF_8)) {
                var properties = new Properties();
                properties.load(reader);
                properties.stringPropertyNames().forEach(name -> found.put(name, properties.getProperty(name)));
            } catch (IOException | IllegalArgumentException e) {
                problems.add("--kafka-config: cannot read " + kafkaConfig + ": " + e);
            }
        }
        if (!schemaRegistryUrl.isBlank()) {
            found.put(RegistryConfig.URL, schemaRegistryUrl);
        }
        return found;
    }

    private EnricherConfig config(Map<String, String> clientConfig, List<String> problems) {
        return new EnricherConfig(
                new EnricherConfig.Kafka(
                        String.join(",", bootstrapServers), topicPrefix, clientConfig, partitions, flushInterval),
                new EnricherConfig.Cluster(
                        Optional.ofNullable(kubeconfig),
                        Optional.ofNullable(context),
                        namespaces == null ? List.of() : namespaces,
                        pageSize),
                new EnricherConfig.Election(
                        Optional.ofNullable(leaderElection), Optional.ofNullable(leaseNamespace), lease),
                new Limits(historyDepth, addressRetention, identityRetention, ownerPatience),
                http.settings(httpPort, problems));
    }
}
