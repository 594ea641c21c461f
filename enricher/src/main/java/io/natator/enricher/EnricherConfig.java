package io.natator.enricher;

import io.natator.enricher.cluster.ClusterAccess;
import io.natator.enricher.ownership.Limits;
import io.natator.http.HttpSettings;
import io.natator.http.command.Commands;
import io.natator.http.command.Problems;
import io.natator.http.kafka.KafkaConfig;
import io.natator.schemas.ClusterName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * The configuration of an enricher.
 *
 * @param kafka how to reach Kafka
 * @param flushInterval how long the enricher collects changes before it writes them to the topic
 * @param cluster which cluster to watch, and which part of it
 * @param election whether and how a leader is elected among several enrichers
 * @param limits limits of the enricher's memory and of the topic
 * @param http address and access control of the HTTP server for metrics and health
 */
public record EnricherConfig(
        KafkaConfig kafka,
        Duration flushInterval,
        Cluster cluster,
        Election election,
        Limits limits,
        HttpSettings http) {
    /** Kafka client properties that the user must not set. The values say what to do instead. */
    private static final Map<String, String> RESERVED =
            Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "use --bootstrap-servers");

    /** A name of a label: an optional DNS subdomain and a slash, and at most 63 characters. */
    private static final Pattern LABEL =
            Pattern.compile("([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    /**
     * Which cluster is watched, and which part of it.
     *
     * @param name name of the cluster; distinguishes the clusters that share a topic prefix
     * @param kubeconfig file that says how to reach the cluster; if empty, {@code $KUBECONFIG}, {@code ~/.kube/config}
     *     or the pod's service account
     * @param context context of the kubeconfig; if empty, its current context
     * @param namespaces namespaces to watch; if empty, all namespaces
     * @param pageSize objects per page of a list
     * @param workloadLabels labels that name the workloads of one-off pods and Jobs, the first one first
     */
    public record Cluster(
            ClusterName name,
            Optional<Path> kubeconfig,
            Optional<String> context,
            List<String> namespaces,
            int pageSize,
            List<String> workloadLabels) {
        public Cluster {
            namespaces = List.copyOf(namespaces);
            workloadLabels = List.copyOf(workloadLabels);
        }
    }

    /**
     * Whether and how a leader is elected among several enrichers.
     *
     * @param enabled whether the enricher takes part in an election; if empty, it does so if it runs in a pod
     * @param namespace namespace of the Lease; if empty, the pod's namespace
     * @param lease name of the Lease
     */
    public record Election(Optional<Boolean> enabled, Optional<String> namespace, String lease) {
        boolean isEnabled() {
            return enabled.orElseGet(ClusterAccess::isInCluster);
        }
    }

    /**
     * Creates a configuration from command-line options. Options that are not given have their defaults. Environment
     * variables are not read.
     *
     * @throws IllegalArgumentException if options cannot be parsed; the message names all of them
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

    /** The properties with which every Kafka client of the enricher is created. */
    Map<String, Object> kafkaClientConfig() {
        Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        properties.putIfAbsent(CommonClientConfigs.CLIENT_ID_CONFIG, "natator-enricher");
        return properties;
    }

    /** All problems of this configuration, one line each with the option's name; empty if there are none. */
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
        for (String label : cluster.workloadLabels()) {
            problems.require(
                    LABEL.matcher(label).matches(), "--workload-labels: '" + label + "' is no name of a label");
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
