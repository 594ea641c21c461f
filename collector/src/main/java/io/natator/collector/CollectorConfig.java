package io.natator.collector;

import io.natator.http.HttpSettings;
import io.natator.http.command.Commands;
import io.natator.http.command.Problems;
import io.natator.http.kafka.KafkaConfig;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;

/**
 * The configuration of a collector.
 *
 * @param nodeName node name in all snapshots: in Kubernetes the name of the node, otherwise the host name
 * @param kafka how Kafka is reached
 * @param delivery how records are sent
 * @param intervals how often the kernel is read
 * @param kernel what the kernel side tracks
 * @param http where metrics and health are served, and to whom
 */
public record CollectorConfig(
        String nodeName,
        KafkaConfig kafka,
        Delivery delivery,
        Intervals intervals,
        KernelConfig kernel,
        HttpSettings http) {

    /**
     * The configuration that these options of {@code collector run} give, with defaults for the others. The environment is
     * not read.
     *
     * @throws IllegalArgumentException with all options that cannot be read
     */
    public static CollectorConfig fromOptions(String... arguments) {
        return Commands.read(new CollectorOptions(), CollectorOptions::config, arguments);
    }

    /** All that is wrong, one line each, with the option's name; empty if nothing is. */
    public List<String> problems() {
        var problems = new Problems();
        problems.addAll(kafka.problems(KafkaClients.RESERVED));
        problems.require(!nodeName.isBlank(), "--node-name is empty: give the name this machine is known by");
        problems.addAll(delivery.problems());
        problems.addAll(intervals.problems());
        problems.addAll(kernel.problems());
        problems.addAll(http.problems());
        try {
            new ProducerConfig(KafkaClients.producerProperties(this));
        } catch (ConfigException e) {
            problems.add("--kafka-config: " + e.getMessage());
        }
        return problems.list();
    }
}
