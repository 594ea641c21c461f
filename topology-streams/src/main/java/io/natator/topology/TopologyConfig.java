package io.natator.topology;

import io.natator.http.HttpSettings;
import io.natator.schemas.Topic;
import io.natator.topology.activity.ActivityBounds;
import io.natator.topology.identity.Cidr;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.identity.InternalAddresses;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.identity.PeerNames;
import io.natator.topology.ledger.LedgerBounds;
import io.natator.topology.link.WindowBounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How one instance runs. Made by {@link #builder()}, which knows the defaults.
 *
 * @param bootstrapServers Kafka brokers, {@code host:port} separated by commas
 * @param topicPrefix put before every topic's name
 * @param kafkaProperties further settings of the Kafka clients: TLS, SASL
 * @param applicationId consumer group, and prefix of internal topics; instances that share it share the work
 * @param stateDirectory where stores are kept between starts
 * @param groupProtocol rebalance protocol
 * @param threads stream threads
 * @param partitions partitions of topics that are created
 * @param replicationFactor of internal topics; -1 for the broker's default
 * @param standbyReplicas copies of the stores on other instances
 * @param commitInterval length of a transaction
 * @param recordCacheBytes heap for entries not yet written to their stores
 * @param storeMemoryBytes memory outside the heap, of all stores together
 * @param ledger how long the ledger waits and remembers
 * @param internalCidrs public address ranges that are used inside
 * @param externalNames names of address ranges outside
 * @param traverseUpHierarchy whether a pod goes by its top controller rather than by itself
 * @param reverseDns whether external addresses are looked up in the DNS
 * @param windows how windows are cut
 * @param publishInterval how often what changed is published
 * @param linkRetention how long a link stays without being heard of
 * @param activity which connection events are told
 * @param seriesLimit how many links have series of their own, all instances together
 * @param carettaMetrics whether Caretta's metrics are exported too
 * @param heartbeatInterval how often collectors report what does not change
 * @param http where HTTP is served, and to whom
 */
public record TopologyConfig(
        String bootstrapServers,
        String topicPrefix,
        Map<String, String> kafkaProperties,
        String applicationId,
        Path stateDirectory,
        GroupProtocol groupProtocol,
        int threads,
        int partitions,
        int replicationFactor,
        int standbyReplicas,
        Duration commitInterval,
        long recordCacheBytes,
        long storeMemoryBytes,
        LedgerBounds ledger,
        List<Cidr> internalCidrs,
        ExternalNames externalNames,
        boolean traverseUpHierarchy,
        boolean reverseDns,
        WindowBounds windows,
        Duration publishInterval,
        Duration linkRetention,
        ActivityBounds activity,
        int seriesLimit,
        boolean carettaMetrics,
        Duration heartbeatInterval,
        HttpSettings http) {

    /** How instances share the partitions. */
    public enum GroupProtocol {
        /** The clients decide. */
        CLASSIC,
        /** The broker decides (KIP-1071); needs brokers of 4.2 or later. */
        STREAMS
    }

    /** What this application decides itself: as a client setting it would contradict. */
    private static final Set<String> RESERVED = Set.of(
            CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
            StreamsConfig.APPLICATION_ID_CONFIG,
            StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
            StreamsConfig.STATE_DIR_CONFIG,
            StreamsConfig.GROUP_PROTOCOL_CONFIG,
            StreamsConfig.NUM_STREAM_THREADS_CONFIG,
            StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
            StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG,
            StreamsConfig.REPLICATION_FACTOR_CONFIG);

    /** Copies what could change. */
    public TopologyConfig {
        kafkaProperties = Map.copyOf(kafkaProperties);
        internalCidrs = List.copyOf(internalCidrs);
    }

    /** The defaults. */
    public static Builder builder() {
        return new Builder();
    }

    NamingRules namingRules(PeerNames peerNames) {
        return new NamingRules(new InternalAddresses(internalCidrs), externalNames, peerNames, traverseUpHierarchy);
    }

    int seriesLimitPerPartition() {
        return Math.ceilDiv(seriesLimit, Math.max(1, partitions));
    }

    TopologyConfig withPartitions(int actual) {
        return new TopologyConfig(
                bootstrapServers,
                topicPrefix,
                kafkaProperties,
                applicationId,
                stateDirectory,
                groupProtocol,
                threads,
                actual,
                replicationFactor,
                standbyReplicas,
                commitInterval,
                recordCacheBytes,
                storeMemoryBytes,
                ledger,
                internalCidrs,
                externalNames,
                traverseUpHierarchy,
                reverseDns,
                windows,
                publishInterval,
                linkRetention,
                activity,
                seriesLimit,
                carettaMetrics,
                heartbeatInterval,
                http);
    }

    /** What is wrong with it, one line each for a person; empty if nothing is. */
    public List<String> problems() {
        var problems = new Problems();
        problems.require(!bootstrapServers.isBlank(), "--bootstrap-servers is empty: name at least one host:port");
        try {
            Topic.CONNECTIONS.name(topicPrefix);
        } catch (IllegalArgumentException e) {
            problems.add("--topic-prefix: " + e.getMessage());
        }
        problems.require(
                applicationId.matches("[a-zA-Z0-9._-]{1,150}"),
                "--application-id '" + applicationId + "': use 1 to 150 letters, digits, '.', '_' and '-'");
        new TreeSet<>(kafkaProperties.keySet())
                .stream()
                        .filter(RESERVED::contains)
                        .forEach(key -> problems.add("--kafka-config: " + key + " is set by an option of its own"));
        problems.require(threads >= 1, "--threads is " + threads + ": at least 1");
        problems.require(partitions >= 1, "--partitions is " + partitions + ": at least 1");
        problems.require(
                replicationFactor == -1 || (replicationFactor >= 1 && replicationFactor <= Short.MAX_VALUE),
                "--replication-factor is " + replicationFactor + ": -1 for the broker's default, or at least 1");
        problems.require(standbyReplicas >= 0, "--standby-replicas is " + standbyReplicas + ": at least 0");
        problems.require(recordCacheBytes >= 0, "--record-cache is " + recordCacheBytes + ": at least 0 bytes");
        problems.require(
                storeMemoryBytes >= 1 << 20, "--store-memory is " + storeMemoryBytes + ": at least 1048576 bytes");
        problems.positive("--commit-interval", commitInterval);
        problems.positive("--publish-interval", publishInterval);
        problems.positive("--heartbeat-interval", heartbeatInterval);
        problems.positive("--settle-after", ledger.settleAfter());
        problems.positive("--closed-retention", ledger.closedRetention());
        problems.positive("--idle-retention", ledger.idleRetention());
        problems.positive("--window", windows.size());
        problems.require(!windows.grace().isNegative(), "--window-grace is negative");
        problems.require(
                ledger.idleRetention().compareTo(heartbeatInterval) > 0,
                "--idle-retention has to be longer than --heartbeat-interval: quiet connections would leave");
        problems.require(
                ledger.reportRetention().compareTo(ledger.idleRetention()) > 0,
                "--report-retention has to be longer than --idle-retention: late reports would count twice");
        problems.require(
                linkRetention.compareTo(ledger.idleRetention()) > 0,
                "--link-retention has to be longer than --idle-retention: links of open connections would be retired");
        problems.positive("--activity-interval", activity.interval());
        problems.require(
                activity.eventsPerSecond() >= 1, "--activity-limit is " + activity.eventsPerSecond() + ": at least 1");
        problems.require(seriesLimit >= 0, "--series-limit is " + seriesLimit + ": at least 0");
        http.problems().forEach(problems::add);
        return problems.found();
    }

    private static final class Problems {
        private final List<String> found = new ArrayList<>();

        void require(boolean holds, String otherwise) {
            if (!holds) {
                add(otherwise);
            }
        }

        void positive(String option, Duration duration) {
            // Kafka's own intervals are milliseconds.
            require(duration.toMillis() > 0, option + " has to be at least 1ms");
        }

        void add(String problem) {
            found.add(problem);
        }

        List<String> found() {
            return List.copyOf(found);
        }
    }

    /** Collects what differs from the defaults. Not thread-safe. */
    public static final class Builder {
        private String bootstrapServers = "localhost:9092";
        private String topicPrefix = Topic.DEFAULT_PREFIX;
        private Map<String, String> kafkaProperties = Map.of();
        private String applicationId = "natator-topology";
        private Path stateDirectory = Path.of(System.getProperty("java.io.tmpdir"), "natator-topology");
        private GroupProtocol groupProtocol = GroupProtocol.CLASSIC;
        private int threads = Runtime.getRuntime().availableProcessors();
        private int partitions = 6;
        private int replicationFactor = -1;
        private int standbyReplicas;
        private Duration commitInterval = Duration.ofSeconds(1);
        private long recordCacheBytes = 32L << 20;
        private long storeMemoryBytes = 128L << 20;
        private LedgerBounds ledger = LedgerBounds.DEFAULT;
        private List<Cidr> internalCidrs = List.of();
        private ExternalNames externalNames = ExternalNames.NONE;
        private boolean traverseUpHierarchy = true;
        private boolean reverseDns;
        private WindowBounds windows = WindowBounds.DEFAULT;
        private Duration publishInterval = Duration.ofSeconds(1);
        private Duration linkRetention = Duration.ofHours(24);
        private ActivityBounds activity = ActivityBounds.DEFAULT;
        private int seriesLimit = 10_000;
        private boolean carettaMetrics = true;
        private Duration heartbeatInterval = Duration.ofMinutes(1);
        private HttpSettings http = HttpSettings.open("0.0.0.0", 7117);

        private Builder() {}

        /** Kafka brokers; default {@code localhost:9092}. */
        public Builder bootstrapServers(String value) {
            bootstrapServers = value;
            return this;
        }

        /** Topic prefix; default {@code natator.}. */
        public Builder topicPrefix(String value) {
            topicPrefix = value;
            return this;
        }

        /** Further client settings; default none. */
        public Builder kafkaProperties(Map<String, String> value) {
            kafkaProperties = value;
            return this;
        }

        /** Application id; default {@code natator-topology}. */
        public Builder applicationId(String value) {
            applicationId = value;
            return this;
        }

        /** State directory; default {@code natator-topology} in the directory for temporary files. */
        public Builder stateDirectory(Path value) {
            stateDirectory = value;
            return this;
        }

        /** Group protocol; default classic. */
        public Builder groupProtocol(GroupProtocol value) {
            groupProtocol = value;
            return this;
        }

        /** Stream threads; default the number of processors. */
        public Builder threads(int value) {
            threads = value;
            return this;
        }

        /** Partitions of created topics; default 6. */
        public Builder partitions(int value) {
            partitions = value;
            return this;
        }

        /** Replication of internal topics; default -1. */
        public Builder replicationFactor(int value) {
            replicationFactor = value;
            return this;
        }

        /** Standby replicas; default 0. */
        public Builder standbyReplicas(int value) {
            standbyReplicas = value;
            return this;
        }

        /** Commit interval; default 1 s. */
        public Builder commitInterval(Duration value) {
            commitInterval = value;
            return this;
        }

        /** Record cache; default 32 MiB. */
        public Builder recordCacheBytes(long value) {
            recordCacheBytes = value;
            return this;
        }

        /** Store memory; default 128 MiB. */
        public Builder storeMemoryBytes(long value) {
            storeMemoryBytes = value;
            return this;
        }

        /** Ledger bounds; default {@link LedgerBounds#DEFAULT}. */
        public Builder ledger(LedgerBounds value) {
            ledger = value;
            return this;
        }

        /** Public ranges used inside; default none. */
        public Builder internalCidrs(List<Cidr> value) {
            internalCidrs = value;
            return this;
        }

        /** Names of ranges outside; default none. */
        public Builder externalNames(ExternalNames value) {
            externalNames = value;
            return this;
        }

        /** Pods by their top controllers; default true. */
        public Builder traverseUpHierarchy(boolean value) {
            traverseUpHierarchy = value;
            return this;
        }

        /** Reverse DNS; default false. */
        public Builder reverseDns(boolean value) {
            reverseDns = value;
            return this;
        }

        /** Windows; default {@link WindowBounds#DEFAULT}. */
        public Builder windows(WindowBounds value) {
            windows = value;
            return this;
        }

        /** Publish interval; default 1 s. */
        public Builder publishInterval(Duration value) {
            publishInterval = value;
            return this;
        }

        /** Link retention; default 24 hours. */
        public Builder linkRetention(Duration value) {
            linkRetention = value;
            return this;
        }

        /** Activity events; default {@link ActivityBounds#DEFAULT}. */
        public Builder activity(ActivityBounds value) {
            activity = value;
            return this;
        }

        /** Series limit; default 10,000 links. */
        public Builder seriesLimit(int value) {
            seriesLimit = value;
            return this;
        }

        /** Caretta's metrics; default true. */
        public Builder carettaMetrics(boolean value) {
            carettaMetrics = value;
            return this;
        }

        /** The collectors' heartbeat; default 1 minute. */
        public Builder heartbeatInterval(Duration value) {
            heartbeatInterval = value;
            return this;
        }

        /** HTTP; default port 7117 of every address, for everyone. */
        public Builder http(HttpSettings value) {
            http = value;
            return this;
        }

        /** The configuration, not validated: see {@link TopologyConfig#problems()}. */
        public TopologyConfig build() {
            return new TopologyConfig(
                    bootstrapServers,
                    topicPrefix,
                    kafkaProperties,
                    applicationId,
                    stateDirectory,
                    groupProtocol,
                    threads,
                    partitions,
                    replicationFactor,
                    standbyReplicas,
                    commitInterval,
                    recordCacheBytes,
                    storeMemoryBytes,
                    ledger,
                    internalCidrs,
                    externalNames,
                    traverseUpHierarchy,
                    reverseDns,
                    windows,
                    publishInterval,
                    linkRetention,
                    activity,
                    seriesLimit,
                    carettaMetrics,
                    heartbeatInterval,
                    http);
        }
    }
}
