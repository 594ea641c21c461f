package io.natator.http.kafka;

import io.natator.http.command.Problems;
import io.natator.schemas.RegistryConfig;
import io.natator.schemas.Topic;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How to reach Kafka.
 *
 * @param bootstrapServers brokers as {@code host:port}, separated by commas
 * @param topicPrefix start of every topic's name
 * @param clientProperties further properties of the Kafka clients, such as TLS and SASL, and properties of the schema
 *     registry, see {@link RegistryConfig#in}
 * @param partitions number of partitions of topics that the service creates
 */
public record KafkaConfig(
        String bootstrapServers, String topicPrefix, Map<String, String> clientProperties, int partitions) {
    private static final Pattern SERVER =
            Pattern.compile("(?:[A-Z_]+://)?(?:[^\\s:,\\[\\]]+|\\[[0-9a-fA-F:.%]+]):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    public KafkaConfig {
        clientProperties = Map.copyOf(clientProperties);
    }

    /** The same configuration with another number of partitions. */
    public KafkaConfig withPartitions(int count) {
        return new KafkaConfig(bootstrapServers, topicPrefix, clientProperties, count);
    }

    /**
     * All problems of this configuration, one line each; empty if there are none.
     *
     * @param reserved client properties that the user must not set, each with what to do instead
     */
    public List<String> problems(Map<String, String> reserved) {
        var problems = new Problems();
        if (bootstrapServers.isBlank()) {
            problems.add("--bootstrap-servers is empty: give at least one host:port");
        } else {
            for (String server : bootstrapServers.split(",", -1)) {
                problems.require(
                        isServer(server.strip()), "--bootstrap-servers: '" + server.strip() + "' is not host:port");
            }
        }
        try {
            Topic.CONNECTIONS.name(topicPrefix);
        } catch (IllegalArgumentException e) {
            problems.add("--topic-prefix: " + e.getMessage());
        }
        try {
            RegistryConfig.in(clientProperties);
        } catch (IllegalArgumentException e) {
            String.valueOf(e.getMessage()).lines().forEach(line -> problems.add("--schema-registry-url: " + line));
        }
        problems.atLeast("--partitions", partitions, 1);
        new TreeMap<>(reserved)
                .forEach((name, reason) -> problems.require(
                        !clientProperties.containsKey(name), "--kafka-config sets " + name + ": " + reason));
        return problems.list();
    }

    private static boolean isServer(String server) {
        Matcher matcher = SERVER.matcher(server);
        return matcher.matches() && Integer.parseInt(matcher.group(1)) <= MAX_PORT;
    }
}
