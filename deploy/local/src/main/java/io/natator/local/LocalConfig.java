package io.natator.local;

import io.natator.http.command.Commands;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The configuration of the pipeline on this machine.
 *
 * @param kafka which Kafka is used
 * @param dataDirectory of the broker's data and the Streams state; created where missing
 * @param topicPrefix the start of every topic's name
 * @param ports of the services
 * @param cluster which Kubernetes cluster is watched
 * @param loopback whether connections over loopback are shown
 */
public record LocalConfig(
        Kafka kafka, Path dataDirectory, String topicPrefix, Ports ports, Cluster cluster, boolean loopback) {
    /**
     * Which Kafka is used.
     *
     * @param bootstrapServers brokers of an existing cluster; the embedded broker if empty
     * @param port of the embedded broker, 0 for any free one
     */
    public record Kafka(Optional<String> bootstrapServers, int port) {}

    /**
     * The HTTP ports of the services, 0 for any free one.
     *
     * @param topology of topology-streams
     * @param collector of the collector
     * @param enricher of the enricher
     */
    public record Ports(int topology, int collector, int enricher) {
        /** Any free ones. */
        static final Ports ANY = new Ports(0, 0, 0);

        Ports withTopology(int port) {
            return new Ports(port, collector, enricher);
        }

        Ports withCollector(int port) {
            return new Ports(topology, port, enricher);
        }

        Ports withEnricher(int port) {
            return new Ports(topology, collector, port);
        }
    }

    /**
     * Which Kubernetes cluster is watched.
     *
     * @param watched whether the enricher runs if a cluster is configured
     * @param kubeconfig file that names the cluster; found as kubectl does if empty
     */
    public record Cluster(boolean watched, Optional<Path> kubeconfig) {}

    /**
     * The configuration that these options of {@code deploy/local/up} give, with defaults for the others.
     *
     * @throws IllegalArgumentException with all options that are wrong
     */
    public static LocalConfig fromOptions(String... arguments) {
        return Commands.read(
                new LocalOptions(),
                (options, problems) -> {
                    problems.addAll(options.problems());
                    return options.config();
                },
                arguments);
    }
}
