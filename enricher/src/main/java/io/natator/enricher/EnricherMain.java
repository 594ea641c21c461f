package io.natator.enricher;

import io.natator.enricher.cluster.ClusterAccessException;
import io.natator.enricher.ownership.Limits;
import io.natator.http.HttpOptions;
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
import java.util.Locale;
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
        sortOptions = false,
        usageHelpAutoWidth = true,
        version = "natator-enricher",
        description = "Watches one Kubernetes cluster and writes to the topic 'identities' who owned which address from"
                + " when until when. Durations are like 500ms, 10s, 5m, 1h.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:stopped", "1:could not start, or another enricher took over its topic", "2:wrong options"})
public final class EnricherMain implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:NATATOR_BOOTSTRAP_SERVERS:-localhost:9092}",
            description = "Kafka brokers (default: localhost:9092; env NATATOR_BOOTSTRAP_SERVERS)")
    private String bootstrapServers = "localhost:9092";

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            defaultValue = "${env:NATATOR_TOPIC_PREFIX:-" + Topic.DEFAULT_PREFIX + "}",
            description = "put before topic names; one per cluster (default: natator.; env NATATOR_TOPIC_PREFIX)")
    private String topicPrefix = Topic.DEFAULT_PREFIX;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_KAFKA_CONFIG:-" + Option.NULL_VALUE + "}",
            description = "properties for the Kafka clients: TLS, SASL (env NATATOR_KAFKA_CONFIG)")
    private @Nullable Path kafkaConfig;

    @Option(
            names = "--schema-registry-url",
            paramLabel = "URL",
            defaultValue = "${env:NATATOR_SCHEMA_REGISTRY_URL:-}",
            description = "schema registry: then values are in Confluent's wire format; credentials and TLS are in"
                    + " --kafka-config, by the names of Confluent's clients (env NATATOR_SCHEMA_REGISTRY_URL)")
    private String schemaRegistryUrl = "";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_PARTITIONS:-6}",
            description = "partitions of the topic if it is created (default: 6; env NATATOR_PARTITIONS)")
    private int partitions = 6;

    @Option(
            names = "--flush-interval",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "${env:NATATOR_FLUSH_INTERVAL:-100ms}",
            description = "changes are gathered for so long (default: 100ms; env NATATOR_FLUSH_INTERVAL)")
    private Duration flushInterval = Duration.ofMillis(100);

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_KUBECONFIG:-" + Option.NULL_VALUE + "}",
            description = "how to reach the cluster (default: KUBECONFIG, else ~/.kube/config, else the pod's service"
                    + " account; env NATATOR_KUBECONFIG)")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            defaultValue = "${env:NATATOR_CONTEXT:-" + Option.NULL_VALUE + "}",
            description = "context of the kubeconfig (default: its current one; env NATATOR_CONTEXT)")
    private @Nullable String context;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "${env:NATATOR_NAMESPACE:-" + Option.NULL_VALUE + "}",
            description = "namespaces to watch, separated by commas (default: all; env NATATOR_NAMESPACE)")
    private @Nullable List<String> namespaces;

    @Option(
            names = "--page-size",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_PAGE_SIZE:-500}",
            description = "objects per page of a list (default: 500; env NATATOR_PAGE_SIZE)")
    private int pageSize = 500;

    @Option(
            names = "--leader-election",
            arity = "0..1",
            paramLabel = "BOOLEAN",
            fallbackValue = "true",
            negatable = true,
            defaultValue = "${env:NATATOR_LEADER_ELECTION:-" + Option.NULL_VALUE + "}",
            description = "work only while elected among several by a Lease (default: true in a cluster, false with a"
                    + " kubeconfig; env NATATOR_LEADER_ELECTION)")
    private @Nullable Boolean leaderElection;

    @Option(
            names = "--lease",
            paramLabel = "NAME",
            defaultValue = "${env:NATATOR_LEASE:-natator-enricher}",
            description = "name of the Lease (default: natator-enricher; env NATATOR_LEASE)")
    private String lease = "natator-enricher";

    @Option(
            names = "--lease-namespace",
            paramLabel = "NAME",
            defaultValue = "${env:NATATOR_LEASE_NAMESPACE:-" + Option.NULL_VALUE + "}",
            description = "namespace of the Lease (default: its own; env NATATOR_LEASE_NAMESPACE)")
    private @Nullable String leaseNamespace;

    @Option(
            names = "--history-depth",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_HISTORY_DEPTH:-16}",
            description = "owners remembered per address; up to four times as many of the last minute (default: 16;"
                    + " env NATATOR_HISTORY_DEPTH)")
    private int historyDepth = 16;

    @Option(
            names = "--address-retention",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "${env:NATATOR_ADDRESS_RETENTION:-24h}",
            description = "past owners are kept for so long (default: 24h; env NATATOR_ADDRESS_RETENTION)")
    private Duration addressRetention = Duration.ofHours(24);

    @Option(
            names = "--identity-retention",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "${env:NATATOR_IDENTITY_RETENTION:-1h}",
            description = "deleted pods and nodes are kept for so long (default: 1h; env NATATOR_IDENTITY_RETENTION)")
    private Duration identityRetention = Duration.ofHours(1);

    @Option(
            names = "--owner-patience",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "${env:NATATOR_OWNER_PATIENCE:-10s}",
            description =
                    "a pod waits so long for the look-up of its owners (default: 10s;" + " env NATATOR_OWNER_PATIENCE)")
    private Duration ownerPatience = Duration.ofSeconds(10);

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "${env:NATATOR_HTTP_PORT:-7119}",
            description = "serves /metrics, /healthz, /readyz; 0 for any port that is free (default: 7119;"
                    + " env NATATOR_HTTP_PORT)")
    private int httpPort = 7119;

    @Mixin
    private HttpOptions http = new HttpOptions();

    static final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            String trimmed = text.strip().toLowerCase(Locale.ROOT);
            try {
                if (trimmed.endsWith("ms")) {
                    return Duration.ofMillis(Long.parseLong(trimmed.substring(0, trimmed.length() - 2)));
                }
                return Duration.parse((trimmed.endsWith("d") ? "P" : "PT") + trimmed);
            } catch (RuntimeException e) {
                throw new CommandLine.TypeConversionException(
                        "'" + text + "' is no duration: write it like 500ms, 10s, 5m, 1h");
            }
        }
    }

    /** Runs until it is told to stop. */
    public static void main(String[] arguments) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-enricher.xml");
        }
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        var commandLine = new CommandLine(new EnricherMain());
        commandLine.getCommandSpec().parser().collectErrors(true);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        return commandLine;
    }

    @Override
    public Integer call() {
        PrintWriter err = commandLineOf().getErr();
        List<String> problems = new ArrayList<>();
        commandLineOf().getParseResult().errors().forEach(error -> problems.add(String.valueOf(error.getMessage())));
        Map<String, String> clientConfig = readKafkaConfig(problems);
        EnricherConfig config = config(clientConfig, problems);
        problems.addAll(config.problems());
        if (!problems.isEmpty()) {
            problems.forEach(err::println);
            err.println("Try --help");
            err.flush();
            return 2;
        }
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
                new EnricherConfig.Kafka(bootstrapServers, topicPrefix, clientConfig, partitions, flushInterval),
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
