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
     * @param applicationId consumer group, and prefix of internal topics; instances with the same id share the work
     * @param groupProtocol rebalance protocol
     * @param threads number of stream threads
     * @param transactions how long transactions are
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
     * How long transactions are.
     *
     * @param commitInterval length of a transaction
     * @param timeout time after which the brokers abort an open transaction; longer than the commit interval
     */
    public record Transactions(Duration commitInterval, Duration timeout) {}

    /**
     * Where the state is stored.
     *
     * @param directory directory of the stores; a restarted instance continues with its contents
     * @param memoryBytes memory of all stores together, outside the heap, in bytes
     */
    public record Stores(Path directory, long memoryBytes) {}

    /**
     * How many copies of the state exist.
     *
     * @param internalTopics number of replicas of internal topics; empty for the broker's default
     * @param standbys number of copies of each store on other instances
     */
    public record Replication(OptionalInt internalTopics, int standbys) {}

    public enum GroupProtocol {
        /** The clients decide which instance processes which partition. */
        CLASSIC,
        /** The broker decides (KIP-1071). Needs brokers of version 4.2 or later. */
        STREAMS
    }

    /**
     * How the ends of connections are named.
     *
     * @param internalCidrs public address ranges whose hosts run collectors
     * @param externalNames names of external address ranges
     * @param traverseUpHierarchy whether a pod is named after its top controller instead of after itself
     * @param dnsNames limits for the use of names that workloads looked up in the DNS
     * @param reverseDns whether the names of external addresses are looked up by PTR records
     */
    public record Naming(
            List<CidrBlock> internalCidrs,
            ExternalNames externalNames,
            boolean traverseUpHierarchy,
            DnsNames dnsNames,
            boolean reverseDns) {
        /** Copies the list, which the caller could change. */
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
     * @param limit maximum number of names in memory
     */
    public record DnsNames(Duration age, int limit) {}

    /**
     * How reports of connections are processed.
     *
     * @param heartbeatInterval interval at which collectors report idle connections again
     * @param ledger how long the ledger waits for reports and stores connections
     */
    public record Connections(Duration heartbeatInterval, LedgerRetention ledger) {}

    /**
     * How links are summed up and published.
     *
     * @param windows length and lifetime of windows
     * @param publishInterval interval between publications of changed links
     * @param retention time after which an idle link is retired
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
     * The configuration for these options, with default values for all others. Environment variables are not read.
     *
     * @throws IllegalArgumentException if options cannot be read; the message names all of them
     */
    public static TopologyConfig fromOptions(String... arguments) {
        return Commands.read(new TopologyOptions(), TopologyOptions::config, arguments);
    }

    TopologyConfig withKafka(KafkaConfig other) {
        return new TopologyConfig(other, streams, naming, connections, links, activity, http);
    }

    /** All problems of this configuration, one line each, with the option's name; empty if it is valid. */
    public List<String> problems() {
        return ConfigurationCheck.problems(this);
    }
}
