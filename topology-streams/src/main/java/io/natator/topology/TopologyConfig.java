package io.natator.topology;

import io.natator.http.HttpSettings;
import io.natator.http.command.Commands;
import io.natator.http.command.Problems;
import io.natator.http.kafka.KafkaConfig;
import io.natator.schemas.CidrBlock;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The configuration of one instance.
 *
 * @param kafka how Kafka is reached
 * @param streams how the instances share, commit and store their work
 * @param naming how the ends of connections are named
 * @param connections how reports of connections are processed
 * @param links how links are summed up and published
 * @param activity which connection events are published for security tools
 * @param http what is served over HTTP
 */
public record TopologyConfig(
        KafkaConfig kafka,
        Streams streams,
        Naming naming,
        Connections connections,
        Links links,
        ActivitySettings activity,
        Http http) {

    /**
     * How the instances share, commit and store their work.
     *
     * @param applicationId consumer group, and prefix of internal topics; instances that share it share the work
     * @param groupProtocol rebalance protocol
     * @param threads stream threads
     * @param transactions how long transactions are
     * @param stores where the state is
     * @param replication how often the state is copied
     */
    public record Streams(
            String applicationId,
            GroupProtocol groupProtocol,
            int threads,
            Transactions transactions,
            Stores stores,
            Replication replication) {}

    /**
     * How long transactions are.
     *
     * @param commitInterval length of a transaction
     * @param timeout after which the brokers abort an open transaction, longer than the commit interval
     */
    public record Transactions(Duration commitInterval, Duration timeout) {}

    /**
     * Where the state is.
     *
     * @param directory of the stores, used again after a restart
     * @param memoryBytes memory of all stores together, outside the heap
     */
    public record Stores(Path directory, long memoryBytes) {}

    /**
     * How often the state is copied.
     *
     * @param internalTopics replicas of internal topics; the broker's default if empty
     * @param standbys copies of the stores on other instances
     */
    public record Replication(OptionalInt internalTopics, int standbys) {}

    /** How instances share the partitions. */
    public enum GroupProtocol {
        /** The clients decide. */
        CLASSIC,
        /** The broker decides (KIP-1071); needs brokers of 4.2 or later. */
        STREAMS
    }

    /**
     * How the ends of connections are named.
     *
     * @param internalCidrs public address ranges whose hosts run collectors
     * @param externalNames names of external address ranges
     * @param traverseUpHierarchy whether a pod is named by its top controller instead of by itself
     * @param dnsNames which names that workloads looked up are used
     * @param reverseDns whether external addresses are looked up in the DNS
     */
    public record Naming(
            List<CidrBlock> internalCidrs,
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
     * Limits for the use of names that workloads looked up in the DNS.
     *
     * @param age maximum time between the DNS answer and the connection
     * @param limit names cached in memory
     */
    public record DnsNames(Duration age, int limit) {}

    /**
     * How reports of connections are processed.
     *
     * @param heartbeatInterval at which collectors report idle connections again
     * @param ledger how long the ledger waits for reports and stores connections
     */
    public record Connections(Duration heartbeatInterval, LedgerRetention ledger) {}

    /**
     * How links are summed up and published.
     *
     * @param windows length and lifetime of windows
     * @param publishInterval between two publications of changed links
     * @param retention after which an idle link is retired
     * @param series how many Prometheus series links have, all instances together
     */
    public record Links(WindowSettings windows, Duration publishInterval, Duration retention, SeriesLimits series) {}

    /**
     * What is served over HTTP.
     *
     * @param server where it is served, and to whom
     * @param advertisedAddress where other instances reach this one, {@code host} or {@code host:port}; determined from the
     *     bound address if empty
     * @param carettaMetrics whether Caretta's metrics are exported too
     */
    public record Http(HttpSettings server, Optional<String> advertisedAddress, boolean carettaMetrics) {}

    /** Client properties that may not be set, and why. */
    private static final Map<String, String> RESERVED = Map.ofEntries(
            Map.entry(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "use --bootstrap-servers"),
            Map.entry(StreamsConfig.APPLICATION_ID_CONFIG, "use --application-id"),
            Map.entry(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, "it is always exactly once"),
            Map.entry(StreamsConfig.STATE_DIR_CONFIG, "use --state-dir"),
            Map.entry(StreamsConfig.GROUP_PROTOCOL_CONFIG, "use --group-protocol"),
            Map.entry(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "use --threads"),
            Map.entry(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "use --commit-interval"),
            Map.entry(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "use --transaction-timeout"),
            Map.entry(
                    StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                    "use --transaction-timeout"),
            Map.entry(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "use --standby-replicas"),
            Map.entry(StreamsConfig.REPLICATION_FACTOR_CONFIG, "use --replication-factor"));

    /**
     * The configuration that these options give, with defaults for the others. The environment is not read.
     *
     * @throws IllegalArgumentException with all options that cannot be read
     */
    public static TopologyConfig fromOptions(String... arguments) {
        return Commands.read(new TopologyOptions(), TopologyOptions::config, arguments);
    }

    TopologyConfig withKafka(KafkaConfig other) {
        return new TopologyConfig(other, streams, naming, connections, links, activity, http);
    }

    /** All that is wrong, one line each, with the option's name; empty if nothing is. */
    public List<String> problems() {
        var problems = new Problems();
        problems.addAll(kafka.problems(RESERVED));
        check(streams, problems);
        problems.positive("--publish-interval", links.publishInterval());
        problems.positive("--dns-name-age", naming.dnsNames().age());
        problems.atLeast("--dns-name-limit", naming.dnsNames().limit(), 1);
        check(connections, problems);
        problems.positive("--window", links.windows().size());
        problems.require(!links.windows().grace().isNegative(), "--window-grace is negative");
        problems.require(!links.windows().retention().isNegative(), "--window-retention is negative");
        problems.require(
                links.retention().compareTo(connections.ledger().idleRetention()) > 0,
                "--link-retention has to be longer than --idle-retention: links of open connections would be retired");
        problems.positive("--activity-interval", activity.interval());
        problems.atLeast("--activity-limit", activity.eventsPerSecond(), 1);
        SeriesLimits series = links.series();
        problems.atLeast("--series-limit", series.limit(), 0);
        problems.within("--series-prefix-share", series.prefixPercent(), 0, 100);
        problems.within("--series-prefix-ipv4", series.ipv4PrefixLength(), 0, 32);
        problems.within("--series-prefix-ipv6", series.ipv6PrefixLength(), 0, 128);
        problems.addAll(http.server().problems());
        http.advertisedAddress()
                .filter(address -> !AdvertisedAddress.isUsable(address))
                .ifPresent(address -> problems.add("--advertised-address is '" + address
                        + "': use HOST or HOST:PORT, an IPv6 address in brackets"));
        return problems.list();
    }

    private static void check(Streams streams, Problems problems) {
        problems.require(
                streams.applicationId().matches("[a-zA-Z0-9._-]{1,150}"),
                "--application-id '" + streams.applicationId() + "': use 1 to 150 letters, digits, '.', '_' and '-'");
        problems.atLeast("--threads", streams.threads(), 1);
        streams.replication()
                .internalTopics()
                .ifPresent(replicas -> problems.require(
                        replicas >= 1 && replicas <= Short.MAX_VALUE,
                        "--replication-factor " + replicas
                                + " is out of range: -1 for the broker's default, or at least 1"));
        problems.atLeast("--standby-replicas", streams.replication().standbys(), 0);
        problems.atLeast("--store-memory", streams.stores().memoryBytes(), 1 << 20);
        Transactions transactions = streams.transactions();
        problems.positive("--commit-interval", transactions.commitInterval());
        problems.require(
                transactions.timeout().compareTo(transactions.commitInterval()) > 0,
                "--transaction-timeout has to be longer than --commit-interval: every transaction would be aborted");
        problems.require(
                transactions.timeout().toMillis() <= Integer.MAX_VALUE, "--transaction-timeout is out of range");
    }

    private static void check(Connections connections, Problems problems) {
        LedgerRetention ledger = connections.ledger();
        problems.positive("--heartbeat-interval", connections.heartbeatInterval());
        problems.positive("--settle-after", ledger.settleAfter());
        problems.positive("--closed-retention", ledger.closedRetention());
        problems.positive("--idle-retention", ledger.idleRetention());
        problems.require(
                ledger.idleRetention().compareTo(connections.heartbeatInterval()) > 0,
                "--idle-retention has to be longer than --heartbeat-interval: idle connections would leave the ledger");
        problems.require(
                ledger.reportRetention().compareTo(ledger.idleRetention()) > 0,
                "--report-retention has to be longer than --idle-retention: late reports would count twice");
    }
}
