package io.natator.topology;

import io.natator.http.HttpSettings;
import io.natator.http.command.Commands;
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
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The configuration of one instance. {@link TopologyOptions} reads the configuration from the command line, and
 * {@link TopologyDefaults} has the default values.
 *
 * @param kafka brokers, topics and client properties of Kafka
 * @param streams how the instances share, commit and store their work
 * @param naming how the ends of connections are named
 * @param connections how the reports of collectors about connections are processed
 * @param links how the traffic of links is added up and published
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
     * How the instances of the topology share, commit and store their work.
     *
     * @param applicationId consumer group, and prefix of internal topics; instances with the same id share the work
     * @param groupProtocol rebalance protocol
     * @param threads number of stream threads of this instance
     * @param transactions durations of Kafka transactions
     * @param stores where the state is stored
     * @param replication how many copies of the state exist
     */
    public record Streams(
            String applicationId,
            GroupProtocol groupProtocol,
            int threads,
            Transactions transactions,
            Stores stores,
            Replication replication) {}

    /**
     * Durations of Kafka transactions.
     *
     * @param commitInterval time after which a running transaction is committed
     * @param timeout time after which the brokers abort an open transaction; longer than the commit interval
     */
    public record Transactions(Duration commitInterval, Duration timeout) {}

    /**
     * Where the state is stored.
     *
     * @param directory directory of the state stores; a restarted instance reads its state from there
     * @param memoryBytes maximum memory of all stores together, in bytes; it is outside the Java heap
     */
    public record Stores(Path directory, long memoryBytes) {}

    /**
     * How many copies of the state are stored in Kafka and on other instances.
     *
     * @param internalTopics number of replicas of internal topics; empty for the broker's default
     * @param standbys number of copies (standby replicas) of each store on other instances
     */
    public record Replication(OptionalInt internalTopics, int standbys) {}

    public enum GroupProtocol {
        /** One of the instances decides which instance processes which partition. */
        CLASSIC,
        /**
         * The broker decides which instance processes which partition (KIP-1071). Needs brokers of version 4.2 or
         * later.
         */
        STREAMS
    }

    /** Who publishes the pods, Services and nodes of the cluster. */
    public enum IdentitySource {
        /** The enricher. Names wait until it has published the identities up to the opening of a connection. */
        ENRICHER,
        /** Nobody. Ends are named by their processes and addresses, and nothing waits for identities. */
        NONE
    }

    /**
     * How the ends of connections are named.
     *
     * @param identities who publishes the identities of the cluster
     * @param internalCidrs public address ranges whose hosts run collectors
     * @param externalNames names of external address ranges
     * @param traverseUpHierarchy true to name a pod after its top controller (such as a Deployment), false to name it
     *     after itself
     * @param dnsNames limits for the use of names that workloads looked up in the DNS
     * @param reverseDns whether this instance looks up the names of external addresses by PTR records
     */
    public record Naming(
            IdentitySource identities,
            List<CidrBlock> internalCidrs,
            ExternalNames externalNames,
            boolean traverseUpHierarchy,
            DnsNames dnsNames,
            boolean reverseDns) {
        /** Copies the list, because the caller can change its own list later. */
        public Naming {
            internalCidrs = List.copyOf(internalCidrs);
        }

        NamingRules rules(NameLookup nameLookup) {
            return new NamingRules(
                    identities == IdentitySource.ENRICHER,
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
     * @param limit maximum number of DNS names in memory
     */
    public record DnsNames(Duration age, int limit) {}

    /**
     * How the reports of collectors about connections are processed.
     *
     * @param heartbeatInterval interval at which collectors report connections without traffic again
     * @param ledger how long the ledger waits for reports, and how long it stores connections
     */
    public record Connections(Duration heartbeatInterval, LedgerRetention ledger) {}

    /**
     * How the traffic of links is added up and published.
     *
     * @param windows length of the time windows, and how long they are stored
     * @param publishInterval interval between publications of changed links
     * @param retention time without reports after which a link is retired (its record is deleted and its series end)
     * @param series limits of the Prometheus series of links, for all instances together
     */
    public record Links(WindowSettings windows, Duration publishInterval, Duration retention, SeriesLimits series) {}

    /**
     * What is served over HTTP.
     *
     * @param server address, TLS and access control of the server
     * @param advertisedAddress address at which other instances reach this one, {@code host} or {@code host:port};
     *     empty to use the bound address
     * @param carettaMetrics whether Caretta's metrics are exported too
     */
    public record Http(HttpSettings server, Optional<String> advertisedAddress, boolean carettaMetrics) {}

    /**
     * Parses command-line options. Options that are not given have their default values; environment variables are not
     * read.
     *
     * @throws IllegalArgumentException if an option cannot be parsed; the message names all such options
     */
    public static TopologyConfig fromOptions(String... arguments) {
        return Commands.read(new TopologyOptions(), TopologyOptions::config, arguments);
    }

    TopologyConfig withKafka(KafkaConfig other) {
        return new TopologyConfig(other, streams, naming, connections, links, activity, http);
    }

    /**
     * The problems of this configuration: one line per problem, with the name of the option. Empty if the configuration
     * is valid.
     */
    public List<String> problems() {
        return ConfigurationCheck.problems(this);
    }
}
