package io.natator.topology;

import io.natator.http.HttpSettings;
import io.natator.schemas.RegistryConfig;
import io.natator.schemas.Topic;
import io.natator.topology.identity.Cidr;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.identity.InternalAddresses;
import io.natator.topology.identity.NameLookup;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.ledger.LedgerRetention;
import io.natator.topology.link.SeriesLimits;
import io.natator.topology.link.WindowSettings;
import io.natator.topology.siem.ActivitySettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How one instance runs. Made by {@link #builder()}, which knows the defaults.
 *
 * @param kafka where and how it reads and writes
 * @param streams how the work is shared, committed and kept
 * @param naming how the parties of connections are named
 * @param ledger how long the ledger waits and remembers
 * @param links what becomes of deltas
 * @param activity which connection events are told
 * @param heartbeatInterval how often collectors report what does not change
 * @param http what leaves over HTTP
 */
public record TopologyConfig(
        Kafka kafka,
        Streams streams,
        Naming naming,
        LedgerRetention ledger,
        Links links,
        ActivitySettings activity,
        Duration heartbeatInterval,
        Http http) {

    /**
     * Where and how it reads and writes.
     *
     * @param bootstrapServers brokers, {@code host:port} separated by commas
     * @param topicPrefix put before every topic's name
     * @param clientConfig further settings of the Kafka clients: TLS, SASL
     * @param partitions of topics that are created
     */
    public record Kafka(String bootstrapServers, String topicPrefix, Map<String, String> clientConfig, int partitions) {
        /** Copies what could change. */
        public Kafka {
            clientConfig = Map.copyOf(clientConfig);
        }
    }

    /**
     * How the work is shared, committed and kept.
     *
     * @param applicationId consumer group, and prefix of internal topics; instances that share it share the work
     * @param stateDirectory where stores are kept between starts
     * @param groupProtocol rebalance protocol
     * @param threads stream threads
     * @param replicationFactor of internal topics; -1 for the broker's default
     * @param standbyReplicas copies of the stores on other instances
     * @param commitInterval length of a transaction
     * @param transactionTimeout after which the brokers abort a transaction, longer than the commit interval
     * @param storeMemoryBytes memory outside the heap, of all stores together
     */
    public record Streams(
            String applicationId,
            Path stateDirectory,
            GroupProtocol groupProtocol,
            int threads,
            int replicationFactor,
            int standbyReplicas,
            Duration commitInterval,
            Duration transactionTimeout,
            long storeMemoryBytes) {}

    /** How instances share the partitions. */
    public enum GroupProtocol {
        /** The clients decide. */
        CLASSIC,
        /** The broker decides (KIP-1071); needs brokers of 4.2 or later. */
        STREAMS
    }

    /**
     * How the parties of connections are named.
     *
     * @param internalCidrs public address ranges that are used inside
     * @param externalNames names of address ranges outside
     * @param traverseUpHierarchy whether a pod goes by its top controller rather than by itself
     * @param dnsNames which names that workloads asked for are used
     * @param reverseDns whether external addresses are looked up in the DNS
     */
    public record Naming(
            List<Cidr> internalCidrs,
            ExternalNames externalNames,
            boolean traverseUpHierarchy,
            DnsNames dnsNames,
            boolean reverseDns) {
        /** Copies what could change. */
        public Naming {
            internalCidrs = List.copyOf(internalCidrs);
        }

        NamingRules rules(NameLookup nameLookup) {
            return new NamingRules(
                    new InternalAddresses(internalCidrs),
                    externalNames,
                    nameLookup,
                    dnsNames.age(),
                    traverseUpHierarchy);
        }
    }

    /**
     * Which names that workloads asked for are used.
     *
     * @param age how far from a connection's time the answer may be
     * @param limit how many are held, in memory
     */
    public record DnsNames(Duration age, int limit) {
        /** 24 hours, 100,000. */
        public static final DnsNames DEFAULT = new DnsNames(Duration.ofHours(24), 100_000);
    }

    /**
     * What becomes of deltas.
     *
     * @param windows how windows are cut
     * @param publishInterval how often what changed is published
     * @param retention how long a link stays without being heard of
     * @param series how many series links have, all instances together
     */
    public record Links(WindowSettings windows, Duration publishInterval, Duration retention, SeriesLimits series) {}

    /**
     * What leaves over HTTP.
     *
     * @param server where it is served, and to whom
     * @param advertisedAddress where other instances reach it, {@code host} or {@code host:port}; found out if empty
     * @param carettaMetrics whether Caretta's metrics are exported too
     */
    public record Http(HttpSettings server, Optional<String> advertisedAddress, boolean carettaMetrics) {}

    /** What this application decides itself: as a client setting it would contradict. */
    private static final Set<String> RESERVED = Set.of(
            CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
            StreamsConfig.APPLICATION_ID_CONFIG,
            StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
            StreamsConfig.STATE_DIR_CONFIG,
            StreamsConfig.GROUP_PROTOCOL_CONFIG,
            StreamsConfig.NUM_STREAM_THREADS_CONFIG,
            StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
            StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG,
            StreamsConfig.REPLICATION_FACTOR_CONFIG);

    /** The defaults. */
    public static TopologyConfigBuilder builder() {
        return new TopologyConfigBuilder();
    }

    TopologyConfig withPartitions(int actual) {
        return new TopologyConfig(
                new Kafka(kafka.bootstrapServers(), kafka.topicPrefix(), kafka.clientConfig(), actual),
                streams,
                naming,
                ledger,
                links,
                activity,
                heartbeatInterval,
                http);
    }

    /** What is wrong with it, one line each for a person; empty if nothing is. */
    public List<String> problems() {
        var problems = new Problems();
        problems.require(
                !kafka.bootstrapServers().isBlank(), "--bootstrap-servers is empty: name at least one host:port");
        try {
            Topic.CONNECTIONS.name(kafka.topicPrefix());
        } catch (IllegalArgumentException e) {
            problems.add("--topic-prefix: " + e.getMessage());
        }
        problems.require(
                streams.applicationId().matches("[a-zA-Z0-9._-]{1,150}"),
                "--application-id '" + streams.applicationId() + "': use 1 to 150 letters, digits, '.', '_' and '-'");
        new TreeSet<>(kafka.clientConfig().keySet())
                .stream()
                        .filter(RESERVED::contains)
                        .forEach(key -> problems.add("--kafka-config: " + key + " is set by an option of its own"));
        try {
            RegistryConfig.in(kafka.clientConfig());
        } catch (IllegalArgumentException e) {
            String.valueOf(e.getMessage())
                    .lines()
                    .forEach(problem -> problems.add("--schema-registry-url: " + problem));
        }
        problems.require(streams.threads() >= 1, "--threads is " + streams.threads() + ": at least 1");
        problems.require(kafka.partitions() >= 1, "--partitions is " + kafka.partitions() + ": at least 1");
        problems.require(
                streams.replicationFactor() == -1
                        || (streams.replicationFactor() >= 1 && streams.replicationFactor() <= Short.MAX_VALUE),
                "--replication-factor is " + streams.replicationFactor()
                        + ": -1 for the broker's default, or at least 1");
        problems.require(
                streams.standbyReplicas() >= 0, "--standby-replicas is " + streams.standbyReplicas() + ": at least 0");
        problems.require(
                streams.storeMemoryBytes() >= 1 << 20,
                "--store-memory is " + streams.storeMemoryBytes() + ": at least 1048576 bytes");
        problems.positive("--commit-interval", streams.commitInterval());
        problems.require(
                streams.transactionTimeout().compareTo(streams.commitInterval()) > 0,
                "--transaction-timeout has to be longer than --commit-interval: every transaction would be aborted");
        problems.require(
                streams.transactionTimeout().toMillis() <= Integer.MAX_VALUE, "--transaction-timeout is out of range");
        problems.positive("--publish-interval", links.publishInterval());
        problems.positive("--heartbeat-interval", heartbeatInterval);
        problems.positive("--dns-name-age", naming.dnsNames().age());
        problems.require(
                naming.dnsNames().limit() >= 1,
                "--dns-name-limit is " + naming.dnsNames().limit() + ": at least 1");
        problems.positive("--settle-after", ledger.settleAfter());
        problems.positive("--closed-retention", ledger.closedRetention());
        problems.positive("--idle-retention", ledger.idleRetention());
        problems.positive("--window", links.windows().size());
        problems.require(!links.windows().grace().isNegative(), "--window-grace is negative");
        problems.require(!links.windows().retention().isNegative(), "--window-retention is negative");
        problems.require(
                ledger.idleRetention().compareTo(heartbeatInterval) > 0,
                "--idle-retention has to be longer than --heartbeat-interval: quiet connections would leave");
        problems.require(
                ledger.reportRetention().compareTo(ledger.idleRetention()) > 0,
                "--report-retention has to be longer than --idle-retention: late reports would count twice");
        problems.require(
                links.retention().compareTo(ledger.idleRetention()) > 0,
                "--link-retention has to be longer than --idle-retention: links of open connections would be retired");
        problems.positive("--activity-interval", activity.interval());
        problems.require(
                activity.eventsPerSecond() >= 1, "--activity-limit is " + activity.eventsPerSecond() + ": at least 1");
        SeriesLimits series = links.series();
        problems.require(series.limit() >= 0, "--series-limit is " + series.limit() + ": at least 0");
        problems.within("--series-prefix-share", series.prefixPercent(), 100);
        problems.within("--series-prefix-ipv4", series.ipv4PrefixLength(), 32);
        problems.within("--series-prefix-ipv6", series.ipv6PrefixLength(), 128);
        http.server().problems().forEach(problems::add);
        http.advertisedAddress()
                .filter(address -> !AdvertisedAddress.isUsable(address))
                .ifPresent(address -> problems.add("--advertised-address is '" + address
                        + "': use HOST or HOST:PORT, an IPv6 address in brackets"));
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

        void within(String option, int value, int most) {
            require(value >= 0 && value <= most, option + " is " + value + ": 0 to " + most);
        }

        void add(String problem) {
            found.add(problem);
        }

        List<String> found() {
            return List.copyOf(found);
        }
    }
}
