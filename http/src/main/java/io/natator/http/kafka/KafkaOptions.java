package io.natator.http.kafka;

import io.natator.schemas.RegistryConfig;
import io.natator.schemas.Topic;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for Kafka and the schema registry that every service has, as a picocli mixin. */
public final class KafkaOptions {
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
            description = "Start of every topic's name; installations of Natator that are apart have different ones"
                    + " (default: ${DEFAULT-VALUE}).")
    private String topicPrefix = "";

    @Option(
            names = "--kafka-config",
            paramLabel = "PROPERTIES-FILE",
            description = "Properties of the Kafka clients, such as TLS and SASL.")
    private @Nullable Path kafkaConfig;

    @Option(
            names = "--schema-registry-url",
            paramLabel = "URL",
            defaultValue = "",
            description = "Schema registry to use. Values are then in Confluent's wire format. --kafka-config contains"
                    + " the registry's credentials and TLS settings, with the names that Confluent's clients use.")
    private String schemaRegistryUrl = "";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "6",
            description = "Partitions of topics that the service creates (default: ${DEFAULT-VALUE}).")
    private int partitions;

    /**
     * The configuration that the options describe.
     *
     * @param problems receives one line for each problem
     */
    public KafkaConfig config(List<String> problems) {
        return new KafkaConfig(String.join(",", bootstrapServers), topicPrefix, clientProperties(problems), partitions);
    }

    private Map<String, String> clientProperties(List<String> problems) {
        var properties = new Properties();
        if (kafkaConfig != null) {
            try (Reader reader = Files.newBufferedReader(kafkaConfig)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                problems.add("--kafka-config: cannot read " + kafkaConfig + ": " + e);
            }
        }
        if (!schemaRegistryUrl.isBlank()) {
            properties.setProperty(RegistryConfig.URL, schemaRegistryUrl);
        }
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, name -> properties.getProperty(name)));
    }
}
