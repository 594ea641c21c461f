package io.natator.enricher;

import io.natator.enricher.ownership.Limits;
import io.natator.http.HttpSettings;
import io.natator.schemas.RegistryConfig;
import io.natator.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an enricher is to run.
 *
 * @param kafka where and how it writes
 * @param cluster what it watches
 * @param election whether and how it shares its work with others
 * @param limits what bounds its memory and the topic
 * @param http where it serves metrics and health, and to whom
 */
public record EnricherConfig(Kafka kafka, Cluster cluster, Election election, Limits limits, HttpSettings http) {
    /**
     * Where and how it writes.
     *
     * @param clientConfig further properties of the Kafka clients: TLS, SASL
     * @param partitions of the topic, if it is created
     * @param flushInterval changes are gathered for so long before they are written
     */
    public record Kafka(
            String bootstrapServers,
            String topicPrefix,
            Map<String, String> clientConfig,
            int partitions,
            Duration flushInterval) {
        public Kafka {
            clientConfig = Map.copyOf(clientConfig);
        }
    }

    /**
     * What it watches.
     *
     * @param kubeconfig file to read; {@code $KUBECONFIG}, {@code ~/.kube/config} or the pod's own account if empty
     * @param context of the kubeconfig; its current one if empty
     * @param namespaces watched; all if empty
     * @param pageSize objects per page of a list
     */
    public record Cluster(Optional<Path> kubeconfig, Optional<String> context, List<String> namespaces, int pageSize) {
        public Cluster {
            namespaces = List.copyOf(namespaces);
        }
    }

    /**
     * Whether and how it shares its work with others.
     *
     * @param enabled on if it is to be elected before it works; decided by whether it runs in a cluster if empty
     * @param namespace of the Lease; its own if empty
     * @param lease name of the Lease
     */
    public record Election(Optional<Boolean> enabled, Optional<String> namespace, String lease) {}

    /** The defaults: a broker on this machine, the cluster that is found. */
    public static EnricherConfig defaults() {
        return new EnricherConfig(
                new Kafka("localhost:9092", Topic.DEFAULT_PREFIX, Map.of(), 6, Duration.ofMillis(100)),
                new Cluster(Optional.empty(), Optional.empty(), List.of(), 500),
                new Election(Optional.empty(), Optional.empty(), "natator-enricher"),
                new Limits(16, Duration.ofHours(24), Duration.ofHours(1), Duration.ofSeconds(10)),
                HttpSettings.open("0.0.0.0", 7119));
    }

    public EnricherConfig withKafka(Kafka value) {
        return new EnricherConfig(value, cluster, election, limits, http);
    }

    public EnricherConfig withCluster(Cluster value) {
        return new EnricherConfig(kafka, value, election, limits, http);
    }

    public EnricherConfig withElection(Election value) {
        return new EnricherConfig(kafka, cluster, value, limits, http);
    }

    public EnricherConfig withLimits(Limits value) {
        return new EnricherConfig(kafka, cluster, election, value, http);
    }

    public EnricherConfig withHttp(HttpSettings value) {
        return new EnricherConfig(kafka, cluster, election, limits, value);
    }

    /** What is wrong with it, one line each; empty if nothing is. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        require(!kafka.bootstrapServers().isBlank(), "--bootstrap-servers must not be empty", problems);
        try {
            Topic.IDENTITIES.name(kafka.topicPrefix());
        } catch (IllegalArgumentException e) {
            problems.add("--topic-prefix: " + e.getMessage());
        }
        try {
            RegistryConfig.in(kafka.clientConfig());
        } catch (IllegalArgumentException e) {
            String.valueOf(e.getMessage())
                    .lines()
                    .forEach(problem -> problems.add("--schema-registry-url: " + problem));
        }
        require(kafka.partitions() >= 1, "--partitions must be at least 1, not " + kafka.partitions(), problems);
        positive("--flush-interval", kafka.flushInterval(), problems);
        require(
                cluster.pageSize() >= 1 && cluster.pageSize() <= 10_000,
                "--page-size must be 1 to 10000, not " + cluster.pageSize(),
                problems);
        for (String namespace : cluster.namespaces()) {
            require(
                    namespace.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"),
                    "--namespace '" + namespace + "' is no name of a namespace",
                    problems);
        }
        require(!election.lease().isBlank(), "--lease must not be empty", problems);
        require(
                limits.historyDepth() >= 1 && limits.historyDepth() <= 1_000,
                "--history-depth must be 1 to 1000, not " + limits.historyDepth(),
                problems);
        positive("--address-retention", limits.addressRetention(), problems);
        positive("--identity-retention", limits.identityRetention(), problems);
        positive("--owner-patience", limits.ownerPatience(), problems);
        problems.addAll(http.problems());
        return List.copyOf(problems);
    }

    private static void require(boolean holds, String problem, List<String> problems) {
        if (!holds) {
            problems.add(problem);
        }
    }

    private static void positive(String option, Duration value, List<String> problems) {
        require(value.isPositive(), option + " must be longer than nothing, not " + value, problems);
    }
}
