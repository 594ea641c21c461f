package io.natator.local;

import io.natator.http.command.Commands;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The configuration of the pipeline on this machine.
 *
 * @param kafka which Kafka to use
 * @param dataDirectory folder of the broker's data and the Streams state; created if missing
 * @param topicPrefix start of every topic's name
 * @param ports HTTP ports of the services
 * @param cluster which Kubernetes cluster to watch
 * @param loopback true to show connections over loopback too
 */
public record LocalConfig(
        Kafka kafka, Path dataDirectory, String topicPrefix, Ports ports, Cluster cluster, boolean loopback) {
    /**
     * Which Kafka to use.
     *
     * @param bootstrapServers brokers of an existing Kafka cluster; empty for the embedded broker
     * @param port port of the embedded broker; 0 for any free port
     */
    public record Kafka(Optional<String> bootstrapServers, int port) {}

    /**
     * The HTTP ports of the services; 0 for any free port.
     */
    public record Ports(int topology, int collector, int enricher) {
        /** Any free port for each service. */
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
     * Which Kubernetes cluster to watch.
     *
     * @param watched true to run the enricher if a cluster is configured
     * @param kubeconfig file that says how to reach the cluster; if empty, it is searched for as kubectl does
     */
    public record Cluster(boolean watched, Optional<Path> kubeconfig) {}

    /**
     * Creates a configuration from options of {@code deploy/local/up}. Missing options have their defaults.
     *
     * @throws IllegalArgumentException if options are wrong; the message lists all of them
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
