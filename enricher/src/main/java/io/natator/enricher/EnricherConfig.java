package io.natator.enricher;

import io.natator.enricher.ownership.Limits;
import io.natator.http.HttpSettings;
import io.natator.http.command.Commands;
import io.natator.http.command.Problems;
import io.natator.http.kafka.KafkaConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * The configuration of an enricher.
 *
 * @param kafka how Kafka is reached
 * @param flushInterval how long changes are collected before they are written
 * @param cluster which cluster is watched, and which part of it
 * @param election whether and how a leader is elected among several enrichers
 * @param limits bounds of its memory and of the topic
 * @param http where it serves metrics and health, and to whom
 */
public record EnricherConfig(
        KafkaConfig kafka,
        Duration flushInterval,
        Cluster cluster,
        Election election,
        Limits limits,
        HttpSettings http) {
    /** Client properties that may not be set, and why. */
    private static final Map<String, String> RESERVED =
            Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "use --bootstrap-servers");

    /**
     * Which cluster is watched, and which part of it.
     *
     * @param kubeconfig file to read; {@code $KUBECONFIG}, {@code ~/.kube/config} or the pod's service account if empty
     * @param context of the kubeconfig; its current one if empty
     * @param namespaces to watch; all if empty
     * @param pageSize objects per page of a list
     */
    public record Cluster(Optional<Path> kubeconfig, Optional<String> context, List<String> namespaces, int pageSize) {
        public Cluster {
            namespaces = List.copyOf(namespaces);
        }
    }

    /**
     * Whether and how a leader is elected among several enrichers.
     *
     * @param enabled whether it works only while it is the leader; if empty, it does so if it runs in a cluster
     * @param namespace of the Lease; the pod's own if empty
     * @param lease name of the Lease
     */
    public record Election(Optional<Boolean> enabled, Optional<String> namespace, String lease) {}

    /**
     * The configuration that these options give, with defaults for the others. The environment is not read.
     *
     * @throws IllegalArgumentException with all options that cannot be read
     */
    public static EnricherConfig fromOptions(String... arguments) {
        return Commands.read(new EnricherOptions(), EnricherOptions::config, arguments);
    }

    public EnricherConfig withCluster(Cluster value) {
        return new EnricherConfig(kafka, flushInterval, value, election, limits, http);
    }

    public EnricherConfig withElection(Election value) {
        return new EnricherConfig(kafka, flushInterval, cluster, value, limits, http);
    }

    /** All that is wrong, one line each, with the option's name; empty if nothing is. */
    public List<String> problems() {
        var problems = new Problems();
        problems.addAll(kafka.problems(RESERVED));
        problems.positive("--flush-interval", flushInterval);
        problems.within("--page-size", cluster.pageSize(), 1, 10_000);
        for (String namespace : cluster.namespaces()) {
            problems.require(
                    namespace.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"),
                    "--namespace '" + namespace + "' is no name of a namespace");
        }
        problems.require(!election.lease().isBlank(), "--lease is empty: give the name of the Lease");
        problems.within("--history-depth", limits.historyDepth(), 1, 1_000);
        problems.positive("--address-retention", limits.addressRetention());
        problems.positive("--identity-retention", limits.identityRetention());
        problems.positive("--owner-patience", limits.ownerPatience());
        problems.addAll(http.problems());
        return problems.list();
    }
}
