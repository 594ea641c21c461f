package io.natator.topology;

import io.natator.http.DefaultHttpPorts;
import io.natator.http.HttpOptions;
import io.natator.http.kafka.KafkaOptions;
import io.natator.http.logging.LogConfig;
import io.natator.http.logging.LoggingOptions;
import io.natator.schemas.CidrBlock;
import io.natator.topology.TopologyConfig.Connections;
import io.natator.topology.TopologyConfig.DnsNames;
import io.natator.topology.TopologyConfig.GroupProtocol;
import io.natator.topology.TopologyConfig.Http;
import io.natator.topology.TopologyConfig.Links;
import io.natator.topology.TopologyConfig.Naming;
import io.natator.topology.TopologyConfig.Replication;
import io.natator.topology.TopologyConfig.Stores;
import io.natator.topology.TopologyConfig.Streams;
import io.natator.topology.TopologyConfig.Transactions;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.ledger.LedgerRetention;
import io.natator.topology.link.SeriesLimits;
import io.natator.topology.link.WindowSettings;
import io.natator.topology.siem.ActivityFormat;
import io.natator.topology.siem.ActivitySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of topology-streams. */
final class TopologyOptions {
    private static final int BROKER_DEFAULT = -1;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Option(
            names = "--application-id",
            paramLabel = "NAME",
            defaultValue = "natator-topology",
            description = "Instances with the same id share the work (default: ${DEFAULT-VALUE}).")
    private String applicationId = "";

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            defaultValue = "${sys:java.io.tmpdir}/natator-topology",
            description = "Directory for the state between starts; without it the state is restored from Kafka"
                    + " (default: ${DEFAULT-VALUE}).")
    private Path stateDirectory = Path.of("");

    @Option(
            names = "--group-protocol",
            paramLabel = "classic|streams",
            defaultValue = "classic",
            description = "Rebalance protocol; streams needs brokers of version 4.2 or later (default:"
                    + " ${DEFAULT-VALUE}).")
    private GroupProtocol groupProtocol = GroupProtocol.CLASSIC;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Stream threads; 0 for one per processor (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            defaultValue = "-1",
            description = "Replicas of internal topics; -1 for the broker's default (default: ${DEFAULT-VALUE}).")
    private int replicationFactor;

    @Option(
            names = "--standby-replicas",
            paramLabel = "N",
            defaultValue = "0",
            description = "Copies of the state on other instances, with the classic protocol (default:"
                    + " ${DEFAULT-VALUE}).")
    private int standbyReplicas;

    @Option(
            names = "--commit-interval",
            paramLabel = "DURATION",
            defaultValue = "1s",
            description = "Length of a transaction; results are visible after two transactions (default:"
                    + " ${DEFAULT-VALUE}).")
    private Duration commitInterval = Duration.ZERO;

    @Option(
            names = "--transaction-timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description =
                    "The brokers abort a transaction that is open for longer than this. It bounds how long a crashed"
                            + " instance holds back readers, and must exceed any pause of a live instance (default:"
                            + " ${DEFAULT-VALUE}).")
    private Duration transactionTimeout = Duration.ZERO;

    @Option(
            names = "--publish-interval",
            paramLabel = "DURATION",
            defaultValue = "1s",
            description = "Interval between publications of changed links (default: ${DEFAULT-VALUE}).")
    private Duration publishInterval = Duration.ZERO;

    @Option(
            names = "--store-memory",
            paramLabel = "BYTES",
            defaultValue = "134217728",
            description = "Memory of all stores together, outside the heap, at least 1048576 (default:"
                    + " ${DEFAULT-VALUE}).")
    private long storeMemoryBytes;

    @Option(
            names = "--settle-after",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "A connection waits at most this long for its other half or an identity (default:"
                    + " ${DEFAULT-VALUE}).")
    private Duration settleAfter = Duration.ZERO;

    @Option(
            names = "--closed-retention",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "A closed connection stays in the ledger for this long (default: ${DEFAULT-VALUE}).")
    private Duration closedRetention = Duration.ZERO;

    @Option(
            names = "--idle-retention",
            paramLabel = "DURATION",
            defaultValue = "15m",
            description =
                    "A connection without reports stays in the ledger for this long (default:" + " ${DEFAULT-VALUE}).")
    private Duration idleRetention = Duration.ZERO;

    @Option(
            names = "--report-retention",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description = "Late reports of connections that have left the ledger are recognised for this long"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration reportRetention = Duration.ZERO;

    @Option(
            names = "--internal-cidr",
            paramLabel = "CIDR",
            split = ",",
            converter = CidrConverter.class,
            description = "Public address ranges whose hosts run collectors.")
    private @Nullable List<CidrBlock> internalCidrs;

    @Option(
            names = "--cidr-names",
            paramLabel = "NAMES-FILE",
            description = "Names of external address ranges: a text file with one range per line, such as"
                    + " '10.20.0.0/16: office' or '2001:db8::/32: \"head office\"' (a flat YAML map). A single"
                    + " address is a range of one; '#' starts a comment. The narrowest range applies. The file"
                    + " is read at the start, and new names apply to new connections.")
    private @Nullable Path cidrNames;

    @Option(
            names = "--traverse-up-hierarchy",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Names a pod by its top controller instead of by itself, for new connections (default:"
                    + " ${DEFAULT-VALUE}).")
    private boolean traverseUpHierarchy;

    @Option(
            names = "--dns-name-age",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description = "An external address without a configured name gets the name that a workload looked up,"
                    + " if the DNS answer and the connection are at most this far apart; needs collectors with"
                    + " --dns-names. A connection waits for the name no longer than --settle-after (default:"
                    + " ${DEFAULT-VALUE}).")
    private Duration dnsNameAge = Duration.ZERO;

    @Option(
            names = "--dns-name-limit",
            paramLabel = "N",
            defaultValue = "100000",
            description =
                    "DNS names cached in memory; the least recently used are dropped (default:" + " ${DEFAULT-VALUE}).")
    private int dnsNameLimit;

    @Option(
            names = "--reverse-dns",
            negatable = true,
            defaultValue = "false",
            fallbackValue = "true",
            description = "Looks up addresses without an owner in the DNS. A connection waits for the name no"
                    + " longer than --settle-after and then stays with the address, so an address can have a"
                    + " link beside that of its name (default: ${DEFAULT-VALUE}).")
    private boolean reverseDns;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            defaultValue = "1m",
            description = "Length of a window (default: ${DEFAULT-VALUE}).")
    private Duration window = Duration.ZERO;

    // The default is longer than a heartbeat and the wait for a name together.
    @Option(
            names = "--window-grace",
            paramLabel = "DURATION",
            defaultValue = "2m",
            description = "A window accepts late records for this long (default: ${DEFAULT-VALUE}).")
    private Duration windowGrace = Duration.ZERO;

    @Option(
            names = "--window-retention",
            paramLabel = "DURATION",
            defaultValue = "15m",
            description = "The API answers for time ranges that start at most this long ago; their windows are"
                    + " part of the state (default: ${DEFAULT-VALUE}).")
    private Duration windowRetention = Duration.ZERO;

    @Option(
            names = "--link-retention",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description = "An idle link is retired after this time: a tombstone in the topic, and its series end"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration linkRetention = Duration.ZERO;

    @Option(
            names = "--activity",
            paramLabel = "off|ocsf|ecs",
            defaultValue = "ocsf",
            description = "Format of connection events for security tools: OCSF 1.8 Network Activity, Elastic"
                    + " Common Schema, or none (default: ${DEFAULT-VALUE}).")
    private ActivityFormat activity = ActivityFormat.OCSF;

    @Option(
            names = "--activity-interval",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "Interval between events of a long connection (default: ${DEFAULT-VALUE}).")
    private Duration activityInterval = Duration.ZERO;

    @Option(
            names = "--activity-limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Connection events per second of this instance; above that, events are summed up"
                    + " (default: ${DEFAULT-VALUE}).")
    private int activityLimit;

    @Option(
            names = "--series-limit",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Links with Prometheus series, including --series-prefix-share; the others are summed up"
                    + " as 'other' (default: ${DEFAULT-VALUE}).")
    private int seriesLimit;

    @Option(
            names = "--series-prefix-share",
            paramLabel = "PERCENT",
            defaultValue = "10",
            description = "Share of --series-limit that is reserved for address prefixes. A link above the limit"
                    + " whose external end has no name is summed up under the prefix of its address (default:"
                    + " ${DEFAULT-VALUE}).")
    private int seriesPrefixShare;

    @Option(
            names = "--series-prefix-ipv4",
            paramLabel = "BITS",
            defaultValue = "24",
            description = "Prefix length for IPv4 addresses, for series counted from then on (default:"
                    + " ${DEFAULT-VALUE}).")
    private int seriesPrefixIpv4;

    @Option(
            names = "--series-prefix-ipv6",
            paramLabel = "BITS",
            defaultValue = "64",
            description = "Prefix length for IPv6 addresses, for series counted from then on (default:"
                    + " ${DEFAULT-VALUE}).")
    private int seriesPrefixIpv6;

    @Option(
            names = "--caretta-metrics",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Exports Caretta's metrics too (default: ${DEFAULT-VALUE}).")
    private boolean carettaMetrics;

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "Interval at which collectors report idle connections again (default: ${DEFAULT-VALUE}).")
    private Duration heartbeatInterval = Duration.ZERO;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = DefaultHttpPorts.TOPOLOGY,
            description = HttpOptions.PORT)
    private int httpPort;

    @Option(
            names = "--advertised-address",
            paramLabel = "HOST[:PORT]",
            description = "Address at which other instances reach this one over HTTP; with TLS, a name in its"
                    + " certificate (default: the bound address, or this machine's address).")
    private @Nullable String advertisedAddress;

    @Mixin
    private HttpOptions http = new HttpOptions();

    @Mixin
    private LoggingOptions logging = new LoggingOptions();

    static final class CidrConverter implements ITypeConverter<CidrBlock> {
        @Override
        public CidrBlock convert(String text) {
            try {
                return CidrBlock.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** What is logged, and how. */
    LogConfig logging() {
        return logging.config();
    }

    /**
     * The configuration.
     *
     * @param problems gets what cannot be read, one line each
     */
    TopologyConfig config(List<String> problems) {
        return new TopologyConfig(
                kafka.config(problems),
                new Streams(
                        applicationId,
                        groupProtocol,
                        threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
                        new Transactions(commitInterval, transactionTimeout),
                        new Stores(stateDirectory, storeMemoryBytes),
                        new Replication(
                                replicationFactor == BROKER_DEFAULT
                                        ? OptionalInt.empty()
                                        : OptionalInt.of(replicationFactor),
                                standbyReplicas)),
                new Naming(
                        internalCidrs == null ? List.of() : internalCidrs,
                        externalNames(problems),
                        traverseUpHierarchy,
                        new DnsNames(dnsNameAge, dnsNameLimit),
                        reverseDns),
                new Connections(
                        heartbeatInterval,
                        new LedgerRetention(settleAfter, closedRetention, idleRetention, reportRetention)),
                new Links(
                        new WindowSettings(window, windowGrace, windowRetention),
                        publishInterval,
                        linkRetention,
                        new SeriesLimits(seriesLimit, seriesPrefixShare, seriesPrefixIpv4, seriesPrefixIpv6)),
                new ActivitySettings(activity, activityInterval, activityLimit),
                new Http(http.settings(httpPort, problems), Optional.ofNullable(advertisedAddress), carettaMetrics));
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
}
