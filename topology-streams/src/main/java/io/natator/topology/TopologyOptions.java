package io.natator.topology;

import io.natator.http.HttpOptions;
import io.natator.schemas.RegistryConfig;
import io.natator.topology.TopologyConfig.GroupProtocol;
import io.natator.topology.identity.Cidr;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.ledger.LedgerRetention;
import io.natator.topology.link.SeriesLimits;
import io.natator.topology.link.WindowSettings;
import io.natator.topology.siem.ActivityFormat;
import io.natator.topology.siem.ActivitySettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The command line. */
final class TopologyOptions {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            split = ",",
            defaultValue = "localhost:9092",
            description = "Kafka brokers (default: ${DEFAULT-VALUE}).")
    List<String> bootstrapServers = List.of();

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            defaultValue = "natator.",
            description = "Start of every topic's name (default: ${DEFAULT-VALUE}).")
    String topicPrefix = "";

    @Option(
            names = "--kafka-config",
            paramLabel = "PROPERTIES-FILE",
            description = "Settings of the Kafka clients, such as TLS and SASL.")
    @Nullable
    Path kafkaConfig;

    @Option(
            names = "--schema-registry-url",
            paramLabel = "URL",
            defaultValue = "",
            description = "Writes values in Confluent's wire format, with schemas in this registry, and reads it"
                    + " too. --kafka-config has its credentials and TLS, under the names of Confluent's clients.")
    String schemaRegistryUrl = "";

    @Option(
            names = "--application-id",
            paramLabel = "NAME",
            defaultValue = "natator-topology",
            description = "Instances with the same id share the work (default: ${DEFAULT-VALUE}).")
    String applicationId = "";

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            defaultValue = "${sys:java.io.tmpdir}/natator-topology",
            description = "Directory for the state between starts; without it the state is restored from Kafka"
                    + " (default: ${DEFAULT-VALUE}).")
    Path stateDirectory = Path.of("");

    @Option(
            names = "--group-protocol",
            paramLabel = "classic|streams",
            defaultValue = "classic",
            description = "Rebalance protocol; streams needs brokers of version 4.2 or later (default:"
                    + " ${DEFAULT-VALUE}).")
    GroupProtocol groupProtocol = GroupProtocol.CLASSIC;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Stream threads; 0 for one per processor (default: ${DEFAULT-VALUE}).")
    int threads;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "6",
            description = "Partitions of topics that it creates (default: ${DEFAULT-VALUE}).")
    int partitions;

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            defaultValue = "-1",
            description = "Replicas of internal topics; -1 for the broker's default (default: ${DEFAULT-VALUE}).")
    int replicationFactor;

    @Option(
            names = "--standby-replicas",
            paramLabel = "N",
            defaultValue = "0",
            description = "Copies of the state on other instances, with the classic protocol (default:"
                    + " ${DEFAULT-VALUE}).")
    int standbyReplicas;

    @Option(
            names = "--commit-interval",
            paramLabel = "DURATION",
            defaultValue = "1s",
            description = "Length of a transaction; results are visible after two transactions (default:"
                    + " ${DEFAULT-VALUE}).")
    Duration commitInterval = Duration.ZERO;

    @Option(
            names = "--transaction-timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description =
                    "The brokers abort a transaction that is open for longer than this. It bounds how long a crashed"
                            + " instance holds back readers, and must exceed any pause of a live instance (default:"
                            + " ${DEFAULT-VALUE}).")
    Duration transactionTimeout = Duration.ZERO;

    @Option(
            names = "--publish-interval",
            paramLabel = "DURATION",
            defaultValue = "1s",
            description = "Interval between publications of changed links (default: ${DEFAULT-VALUE}).")
    Duration publishInterval = Duration.ZERO;

    @Option(
            names = "--store-memory",
            paramLabel = "BYTES",
            defaultValue = "134217728",
            description = "Memory of all stores together, outside the heap, at least 1048576 (default:"
                    + " ${DEFAULT-VALUE}).")
    long storeMemoryBytes;

    @Option(
            names = "--settle-after",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "A connection waits at most this long for its other half or an identity (default:"
                    + " ${DEFAULT-VALUE}).")
    Duration settleAfter = Duration.ZERO;

    @Option(
            names = "--closed-retention",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "A closed connection stays in the ledger for this long (default: ${DEFAULT-VALUE}).")
    Duration closedRetention = Duration.ZERO;

    @Option(
            names = "--idle-retention",
            paramLabel = "DURATION",
            defaultValue = "15m",
            description =
                    "A connection without reports stays in the ledger for this long (default:" + " ${DEFAULT-VALUE}).")
    Duration idleRetention = Duration.ZERO;

    @Option(
            names = "--report-retention",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description = "Late reports of connections that have left the ledger are recognised for this long"
                    + " (default: ${DEFAULT-VALUE}).")
    Duration reportRetention = Duration.ZERO;

    @Option(
            names = "--internal-cidr",
            paramLabel = "CIDR",
            split = ",",
            converter = CidrConverter.class,
            description = "Public address ranges whose hosts run collectors.")
    @Nullable
    List<Cidr> internalCidrs;

    @Option(
            names = "--cidr-names",
            paramLabel = "NAMES-FILE",
            description = "Names of external address ranges: a text file with one range per line, such as"
                    + " '10.20.0.0/16: office' or '2001:db8::/32: \"head office\"' (a flat YAML map). A single"
                    + " address is a range of one; '#' starts a comment. The narrowest range applies. The file"
                    + " is read at the start, and new names apply to new connections.")
    @Nullable
    Path cidrNames;

    @Option(
            names = "--traverse-up-hierarchy",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Names a pod by its top controller instead of by itself, for new connections (default:"
                    + " ${DEFAULT-VALUE}).")
    boolean traverseUpHierarchy;

    @Option(
            names = "--dns-name-age",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description = "An external address without a configured name gets the name that a workload looked up,"
                    + " if the DNS answer and the connection are at most this far apart; needs collectors with"
                    + " --dns-names. A connection waits for the name no longer than --settle-after (default:"
                    + " ${DEFAULT-VALUE}).")
    Duration dnsNameAge = Duration.ZERO;

    @Option(
            names = "--dns-name-limit",
            paramLabel = "N",
            defaultValue = "100000",
            description =
                    "DNS names cached in memory; the least recently used are dropped (default:" + " ${DEFAULT-VALUE}).")
    int dnsNameLimit;

    @Option(
            names = "--reverse-dns",
            negatable = true,
            defaultValue = "false",
            fallbackValue = "true",
            description = "Looks up addresses without an owner in the DNS. A connection waits for the name no"
                    + " longer than --settle-after and then stays with the address, so an address can have a"
                    + " link beside that of its name (default: ${DEFAULT-VALUE}).")
    boolean reverseDns;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            defaultValue = "1m",
            description = "Length of a window (default: ${DEFAULT-VALUE}).")
    Duration window = Duration.ZERO;

    @Option(
            names = "--window-grace",
            paramLabel = "DURATION",
            defaultValue = "2m",
            description = "A window accepts late records for this long (default: ${DEFAULT-VALUE}).")
    Duration windowGrace = Duration.ZERO;

    @Option(
            names = "--window-retention",
            paramLabel = "DURATION",
            defaultValue = "15m",
            description = "The API answers for time ranges that start at most this long ago; their windows are"
                    + " part of the state (default: ${DEFAULT-VALUE}).")
    Duration windowRetention = Duration.ZERO;

    @Option(
            names = "--link-retention",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description = "An idle link is retired after this time: a tombstone in the topic, and its series end"
                    + " (default: ${DEFAULT-VALUE}).")
    Duration linkRetention = Duration.ZERO;

    @Option(
            names = "--activity",
            paramLabel = "off|ocsf|ecs",
            defaultValue = "ocsf",
            description = "Format of connection events for security tools: OCSF 1.8 Network Activity, Elastic"
                    + " Common Schema, or none (default: ${DEFAULT-VALUE}).")
    ActivityFormat activity = ActivityFormat.OCSF;

    @Option(
            names = "--activity-interval",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "Interval between events of a long connection (default: ${DEFAULT-VALUE}).")
    Duration activityInterval = Duration.ZERO;

    @Option(
            names = "--activity-limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Connection events per second of this instance; above that, events are summed up"
                    + " (default: ${DEFAULT-VALUE}).")
    int activityLimit;

    @Option(
            names = "--series-limit",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Links with Prometheus series, including --series-prefix-share; the others are summed up"
                    + " as 'other' (default: ${DEFAULT-VALUE}).")
    int seriesLimit;

    @Option(
            names = "--series-prefix-share",
            paramLabel = "PERCENT",
            defaultValue = "10",
            description = "Share of --series-limit that is reserved for address prefixes. A link above the limit"
                    + " whose external end has no name is summed up under the prefix of its address (default:"
                    + " ${DEFAULT-VALUE}).")
    int seriesPrefixShare;

    @Option(
            names = "--series-prefix-ipv4",
            paramLabel = "BITS",
            defaultValue = "24",
            description = "Prefix length for IPv4 addresses, for series counted from then on (default:"
                    + " ${DEFAULT-VALUE}).")
    int seriesPrefixIpv4;

    @Option(
            names = "--series-prefix-ipv6",
            paramLabel = "BITS",
            defaultValue = "64",
            description = "Prefix length for IPv6 addresses, for series counted from then on (default:"
                    + " ${DEFAULT-VALUE}).")
    int seriesPrefixIpv6;

    @Option(
            names = "--caretta-metrics",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Exports Caretta's metrics too (default: ${DEFAULT-VALUE}).")
    boolean carettaMetrics;

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "Interval at which collectors report idle connections again (default: ${DEFAULT-VALUE}).")
    Duration heartbeatInterval = Duration.ZERO;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "7117",
            description = "Port of the HTTP server; 0 for any free port (default: ${DEFAULT-VALUE}).")
    int httpPort;

    @Option(
            names = "--advertised-address",
            paramLabel = "HOST[:PORT]",
            description = "Address at which other instances reach this one over HTTP; with TLS, a name in its"
                    + " certificate (default: the bound address, or this machine's address).")
    @Nullable
    String advertisedAddress;

    @Mixin
    HttpOptions http = new HttpOptions();

    static final class CidrConverter implements ITypeConverter<Cidr> {
        @Override
        public Cidr convert(String text) {
            try {
                return Cidr.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /**
     * A configuration, and what is wrong with it.
     *
     * @param problems one line each
     */
    record Read(TopologyConfig config, List<String> problems) {}

    Read read() {
        List<String> problems = new ArrayList<>();
        TopologyConfig config = TopologyConfig.builder()
                .bootstrapServers(String.join(",", bootstrapServers))
                .topicPrefix(topicPrefix)
                .kafkaProperties(kafkaProperties(problems))
                .applicationId(applicationId)
                .stateDirectory(stateDirectory)
                .groupProtocol(groupProtocol)
                .threads(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads)
                .partitions(partitions)
                .replicationFactor(replicationFactor)
                .standbyReplicas(standbyReplicas)
                .commitInterval(commitInterval)
                .transactionTimeout(transactionTimeout)
                .publishInterval(publishInterval)
                .storeMemoryBytes(storeMemoryBytes)
                .ledger(new LedgerRetention(settleAfter, closedRetention, idleRetention, reportRetention))
                .internalCidrs(internalCidrs == null ? List.of() : internalCidrs)
                .externalNames(externalNames(problems))
                .traverseUpHierarchy(traverseUpHierarchy)
                .dnsNames(new TopologyConfig.DnsNames(dnsNameAge, dnsNameLimit))
                .reverseDns(reverseDns)
                .windows(new WindowSettings(window, windowGrace, windowRetention))
                .linkRetention(linkRetention)
                .activity(new ActivitySettings(activity, activityInterval, activityLimit))
                .series(new SeriesLimits(seriesLimit, seriesPrefixShare, seriesPrefixIpv4, seriesPrefixIpv6))
                .carettaMetrics(carettaMetrics)
                .heartbeatInterval(heartbeatInterval)
                .http(http.settings(httpPort, problems))
                .advertisedAddress(Optional.ofNullable(advertisedAddress))
                .build();
        problems.addAll(config.problems());
        return new Read(config, List.copyOf(problems));
    }

    private ExternalNames externalNames(List<String> problems) {
        if (cidrNames == null) {
            return ExternalNames.NONE;
        }
        try {
            ExternalNames.Read read = ExternalNames.parse("--cidr-names: " + cidrNames, Files.readAllLines(cidrNames));
            problems.addAll(read.problems());
            return read.names();
        } catch (IOException e) {
            problems.add("--cidr-names: cannot read " + cidrNames + ": " + e);
            return ExternalNames.NONE;
        }
    }

    private Map<String, String> kafkaProperties(List<String> problems) {
        var properties = new Properties();
        if (kafkaConfig != null) {
            try (Reader reader = Files.newBufferedReader(kafkaConfig)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                problems.add("--kafka-config: cannot read " + kafkaConfig + ": " + e);
            }
        }
        if (!schemaRegistryUrl.isBlank()) {
            properties.setProperty(RegistryConfig.URL, schemaRegistryUrl);
        }
        Map<String, String> read = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> read.put(name, properties.getProperty(name)));
        return read;
    }
}
