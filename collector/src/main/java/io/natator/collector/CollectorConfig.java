package io.natator.collector;

import io.natator.collector.snapshot.CollectingNode;
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
 * @param node the node in all snapshots
 * @param kafka how Kafka is reached
 * @param delivery how records are sent to Kafka
 * @param intervals how often the kernel is read
 * @param kernel what the kernel side tracks
 * @param http on which port metrics and health checks are served, and which clients are allowed to read them
 */
public record CollectorConfig(
        CollectingNode node,
        KafkaConfig kafka,
        Delivery delivery,
        Intervals intervals,
        KernelConfig kernel,
        HttpSettings http) {

    /**
     * Returns the configuration that these options of {@code collector run} describe. Options that are not given have
     * their defaults. Environment variables are not read.
     *
     * @throws IllegalArgumentException if options cannot be read; the message names all of them
     */
    public static CollectorConfig fromOptions(String... arguments) {
        return Commands.read(new CollectorOptions(), CollectorOptions::config, arguments);
    }

    /** Returns one line for each invalid value, with the option's name; empty if the configuration is valid. */
    public List<String> problems() {
        var problems = new Problems();
        problems.addAll(kafka.problems(KafkaClients.RESERVED));
        problems.require(!node.name().isBlank(), "--node-name is empty: give the name this machine is known by");
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
