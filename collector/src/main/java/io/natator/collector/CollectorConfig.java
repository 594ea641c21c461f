package io.natator.collector;

import io.natator.collector.filter.SocketFilter;
import io.natator.http.HttpSettings;
import io.natator.schemas.RegistryConfig;
import io.natator.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;

/**
 * Everything the collector can be told.
 *
 * @param bootstrapServers Kafka's {@code host:port}, with commas between
 * @param topicPrefix put before every topic's name
 * @param kafkaProperties passed on to the Kafka clients (TLS, SASL)
 * @param partitions of the topic where it is created here
 * @param nodeName the name snapshots carry: a node's name in Kubernetes, else the host's
 * @param pollInterval how often opens and closes are read, 10 ms to 1 min
 * @param snapshotInterval how often live counters are read, 100 ms to 1 h
 * @param heartbeatInterval after which time a quiet connection is sent again, at least the snapshot interval
 * @param maxUnacknowledged how many opens and closes may wait for Kafka here before they wait in the kernel, positive
 * @param compression of what is sent
 * @param linger how long the producer waits for more records to send with the first, up to 10 s
 * @param filter what is kept off the topic
 * @param cgroupRoot where cgroup2 is mounted
 * @param procRoot proc of the initial pid namespace
 * @param pinDirectory where maps and links stay in bpffs
 * @param kernelCapacity what the kernel side holds for the collector
 * @param udp whether and how UDP is counted
 * @param shutdownTimeout how long a close waits for Kafka to acknowledge the final collection, up to 10 min
 * @param http where metrics and health are served, and to whom
 */
public record CollectorConfig(
        String bootstrapServers,
        String topicPrefix,
        Map<String, String> kafkaProperties,
        int partitions,
        String nodeName,
        Duration pollInterval,
        Duration snapshotInterval,
        Duration heartbeatInterval,
        int maxUnacknowledged,
        Compression compression,
        Duration linger,
        SocketFilter filter,
        Path cgroupRoot,
        Path procRoot,
        Path pinDirectory,
        KernelCapacity kernelCapacity,
        UdpConfig udp,
        Duration shutdownTimeout,
        HttpSettings http) {

    private static final Pattern SERVER = Pattern.compile("(?:[^\\s:,\\[\\]]+|\\[[0-9a-fA-F:.%]+]):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    /** Copies the properties. */
    public CollectorConfig {
        kafkaProperties = Map.copyOf(kafkaProperties);
    }

    /** All that is wrong, one line each; empty where nothing is. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (bootstrapServers.isBlank()) {
            problems.add("--bootstrap-servers is empty: give at least one host:port");
        } else {
            for (String server : bootstrapServers.split(",", -1)) {
                checkServer(server.strip(), problems);
            }
        }
        try {
            Topic.CONNECTIONS.name(topicPrefix);
        } catch (IllegalArgumentException e) {
            problems.add("--topic-prefix: " + e.getMessage());
        }
        atLeastOne("--partitions", partitions, problems);
        atLeastOne("--max-unacknowledged", maxUnacknowledged, problems);
        if (nodeName.isBlank()) {
            problems.add("--node-name is empty: give the name this machine is known by");
        }
        range("--poll-interval", pollInterval, Duration.ofMillis(10), Duration.ofMinutes(1), problems);
        range("--snapshot-interval", snapshotInterval, Duration.ofMillis(100), Duration.ofHours(1), problems);
        range("--heartbeat-interval", heartbeatInterval, Duration.ofMillis(100), Duration.ofHours(12), problems);
        if (heartbeatInterval.compareTo(snapshotInterval) < 0) {
            problems.add("--heartbeat-interval (" + Durations.format(heartbeatInterval)
                    + ") is shorter than --snapshot-interval (" + Durations.format(snapshotInterval)
                    + "): a quiet connection is looked at only in a snapshot");
        }
        problems.addAll(kernelCapacity.problems());
        problems.addAll(udp.problems());
        range("--linger", linger, Duration.ZERO, Duration.ofSeconds(10), problems);
        range("--shutdown-timeout", shutdownTimeout, Duration.ZERO, Duration.ofMinutes(10), problems);
        problems.addAll(http.problems());
        filter.excludedPorts().stream()
                .filter(port -> port < 0 || port > MAX_PORT)
                .sorted()
                .forEach(port -> problems.add("--exclude-port " + port + " is no port: 0 to 65535"));
        problems.addAll(filter.problems());
        checkKafkaProperties(problems);
        return List.copyOf(problems);
    }

    private void checkKafkaProperties(List<String> problems) {
        try {
            RegistryConfig.in(kafkaProperties);
        } catch (IllegalArgumentException e) {
            String.valueOf(e.getMessage())
                    .lines()
                    .forEach(problem -> problems.add("--schema-registry-url: " + problem));
        }
        KafkaClients.RESERVED.forEach((name, reason) -> {
            if (kafkaProperties.containsKey(name)) {
                problems.add("--kafka-config sets " + name + ": " + reason);
            }
        });
        try {
            new ProducerConfig(KafkaClients.producerProperties(this));
        } catch (ConfigException e) {
            problems.add("--kafka-config: " + e.getMessage());
        }
    }

    private static void checkServer(String server, List<String> problems) {
        var matcher = SERVER.matcher(server);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > MAX_PORT) {
            problems.add("--bootstrap-servers: '" + server + "' is not host:port");
        }
    }

    private static void atLeastOne(String option, int value, List<String> problems) {
        if (value < 1) {
            problems.add(option + " " + value + " is too small: at least 1");
        }
    }

    private static void range(String option, Duration value, Duration least, Duration most, List<String> problems) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            problems.add(option + " " + Durations.format(value) + " is out of range: " + Durations.format(least)
                    + " to " + Durations.format(most));
        }
    }
}
