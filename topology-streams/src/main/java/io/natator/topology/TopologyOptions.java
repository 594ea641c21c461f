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
import io.natator.topology.TopologyConfig.IdentitySource;
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

/** The command-line options of topology-streams. {@link TopologyDefaults} has their default values. */
final class TopologyOptions {
    private static final int BROKER_DEFAULT = -1;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Option(
            names = "--application-id",
            paramLabel = "NAME",
            defaultValue = TopologyDefaults.APPLICATION_ID,
            description = "Instances with the same id share the work (default: ${DEFAULT-VALUE}).")
    private String applicationId = "";

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            defaultValue = TopologyDefaults.STATE_DIR,
            description = "Directory of the state. If it is empty after a restart, the state is restored"
                    + " from Kafka (default: ${DEFAULT-VALUE}).")
    private Path stateDirectory = Path.of("");

    @Option(
            names = "--group-protocol",
            paramLabel = "classic|streams",
            defaultValue = TopologyDefaults.GROUP_PROTOCOL,
            description = "Rebalance protocol; streams needs brokers of version 4.2 or later (default:"
                    + " ${DEFAULT-VALUE}).")
    private GroupProtocol groupProtocol = GroupProtocol.CLASSIC;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = TopologyDefaults.THREADS,
            description = "Number of stream threads; 0 for one per processor (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            defaultValue = TopologyDefaults.REPLICATION_FACTOR,
            description = "Number of replicas of internal topics; -1 for the broker's default (default:"
                    + " ${DEFAULT-VALUE}).")
    private int replicationFactor;

    @Option(
            names = "--standby-replicas",
            paramLabel = "N",
            defaultValue = TopologyDefaults.STANDBY_REPLICAS,
            description = "Number of copies of the state on other instances. Only the classic protocol uses"
                    + " this option (default: ${DEFAULT-VALUE}).")
    private int standbyReplicas;

    @Option(
            names = "--commit-interval",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.COMMIT_INTERVAL,
            description = "Interval between commits of transactions. A result is visible after two commits (default:"
                    + " ${DEFAULT-VALUE}).")
    private Duration commitInterval = Duration.ZERO;

    @Option(
            names = "--transaction-timeout",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.TRANSACTION_TIMEOUT,
            description = "The brokers abort a transaction that is open for longer than this. Until then,"
                    + " the open transaction of a crashed instance delays all readers. Must be longer"
                    + " than any pause of a running instance (default: ${DEFAULT-VALUE}).")
    private Duration transactionTimeout = Duration.ZERO;

    @Option(
            names = "--publish-interval",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.PUBLISH_INTERVAL,
            description = "Interval between publications of changed links (default: ${DEFAULT-VALUE}).")
    private Duration publishInterval = Duration.ZERO;

    @Option(
            names = "--store-memory",
            paramLabel = "BYTES",
            defaultValue = TopologyDefaults.STORE_MEMORY,
            description = "Memory of all stores together, outside the heap, at least 1048576 bytes"
                    + " (default: ${DEFAULT-VALUE}).")
    private long storeMemoryBytes;

    @Option(
            names = "--settle-after",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.SETTLE_AFTER,
            description = "Maximum time that a connection waits for the report of its other end, or for the"
                    + " identity of an end, before its link is decided (default: ${DEFAULT-VALUE}).")
    private Duration settleAfter = Duration.ZERO;

    @Option(
            names = "--closed-retention",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.CLOSED_RETENTION,
            description = "A closed connection stays in the ledger for this long after its last report"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration closedRetention = Duration.ZERO;

    @Option(
            names = "--idle-retention",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.IDLE_RETENTION,
            description = "An open connection without reports counts as closed and leaves the ledger after"
                    + " this time (default: ${DEFAULT-VALUE}).")
    private Duration idleRetention = Duration.ZERO;

    @Option(
            names = "--report-retention",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.REPORT_RETENTION,
            description = "A connection that has left the ledger is recognised for this long after its last"
                    + " report. A later report counts as a new connection (default: ${DEFAULT-VALUE}).")
    private Duration reportRetention = Duration.ZERO;

    @Option(
            names = "--identities",
            paramLabel = "enricher|none",
            defaultValue = TopologyDefaults.IDENTITIES,
            description = "Who publishes the pods, Services and nodes of the cluster. With none, no enricher runs, and"
                    + " no connection waits for identities (default: ${DEFAULT-VALUE}).")
    private IdentitySource identities = IdentitySource.ENRICHER;

    @Option(
            names = "--internal-cidr",
            paramLabel = "CIDR",
            split = ",",
            converter = CidrConverter.class,
            description = "Ranges of public addresses whose hosts run collectors.")
    private @Nullable List<CidrBlock> internalCidrs;

    @Option(
            names = "--cidr-names",
            paramLabel = "NAMES-FILE",
            description = "File with names of external address ranges, one range per line, such as"
                    + " '10.20.0.0/16: office' or '2001:db8::/32: \"head office\"' (a flat YAML map). A single"
                    + " address is a range too; '#' starts a comment. If several ranges contain an address, the"
                    + " narrowest range names the address. The file is read at the start, and new names apply to"
                    + " new connections.")
    private @Nullable Path cidrNames;

    @Option(
            names = "--traverse-up-hierarchy",
            negatable = true,
            defaultValue = TopologyDefaults.TRAVERSE_UP_HIERARCHY,
            fallbackValue = "true",
            description = "Names a pod after its top controller instead of after itself. A change applies"
                    + " to new connections (default: ${DEFAULT-VALUE}).")
    private boolean traverseUpHierarchy;

    @Option(
            names = "--dns-name-age",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.DNS_NAME_AGE,
            description = "An external address without a configured name gets the name that a workload"
                    + " looked up, if the DNS answer and the connection are at most this far apart;"
                    + " needs collectors with --dns-names. A connection waits at most --settle-after"
                    + " for the name (default: ${DEFAULT-VALUE}).")
    private Duration dnsNameAge = Duration.ZERO;

    @Option(
            names = "--dns-name-limit",
            paramLabel = "N",
            defaultValue = TopologyDefaults.DNS_NAME_LIMIT,
            description = "Maximum number of DNS names in memory. Above the limit, the least recently used"
                    + " names are dropped (default: ${DEFAULT-VALUE}).")
    private int dnsNameLimit;

    @Option(
            names = "--reverse-dns",
            negatable = true,
            defaultValue = TopologyDefaults.REVERSE_DNS,
            fallbackValue = "true",
            description = "Looks up the names of external addresses by PTR records. A connection waits at"
                    + " most --settle-after for the name, and is otherwise named by the address. So one"
                    + " address can be in two links, one with the address and one with the name (default:"
                    + " ${DEFAULT-VALUE}).")
    private boolean reverseDns;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.WINDOW,
            description = "Length of a time window (default: ${DEFAULT-VALUE}).")
    private Duration window = Duration.ZERO;

    @Option(
            names = "--window-grace",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.WINDOW_GRACE,
            description =
                    "A time window accepts late records for this long after its end (default:" + " ${DEFAULT-VALUE}).")
    private Duration windowGrace = Duration.ZERO;

    @Option(
            names = "--window-retention",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.WINDOW_RETENTION,
            description = "How far back in time a query of the API can start. The state contains the windows"
                    + " of this time (default: ${DEFAULT-VALUE}).")
    private Duration windowRetention = Duration.ZERO;

    @Option(
            names = "--link-retention",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.LINK_RETENTION,
            description = "A link is retired if none of its connections is reported for this long. Its"
                    + " record in the topic is deleted, and its series end (default: ${DEFAULT-VALUE}).")
    private Duration linkRetention = Duration.ZERO;

    @Option(
            names = "--activity",
            paramLabel = "off|ocsf|ecs",
            defaultValue = TopologyDefaults.ACTIVITY,
            description = "Format of connection events for security tools: OCSF 1.8 Network Activity,"
                    + " Elastic Common Schema, or no events (default: ${DEFAULT-VALUE}).")
    private ActivityFormat activity = ActivityFormat.OCSF;

    @Option(
            names = "--activity-interval",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.ACTIVITY_INTERVAL,
            description = "Interval between events of a connection that stays open (default: ${DEFAULT-VALUE}).")
    private Duration activityInterval = Duration.ZERO;

    @Option(
            names = "--activity-limit",
            paramLabel = "N",
            defaultValue = TopologyDefaults.ACTIVITY_LIMIT,
            description = "Maximum number of connection events per second of this instance. Above the"
                    + " limit, events are summed up (default: ${DEFAULT-VALUE}).")
    private int activityLimit;

    @Option(
            names = "--series-limit",
            paramLabel = "N",
            defaultValue = TopologyDefaults.SERIES_LIMIT,
            description = "Maximum number of links with Prometheus series, including --series-prefix-share."
                    + " All other links are summed up as 'other' (default: ${DEFAULT-VALUE}).")
    private int seriesLimit;

    @Option(
            names = "--series-prefix-share",
            paramLabel = "PERCENT",
            defaultValue = TopologyDefaults.SERIES_PREFIX_SHARE,
            description = "Share of --series-limit, in percent, that is reserved for address prefixes. A link"
                    + " above the limit whose external end has no name is summed up under the prefix of its"
                    + " address (default: ${DEFAULT-VALUE}).")
    private int seriesPrefixShare;

    @Option(
            names = "--series-prefix-ipv4",
            paramLabel = "BITS",
            defaultValue = TopologyDefaults.SERIES_PREFIX_IPV4,
            description = "Length of the prefix of an IPv4 address, 0 to 32 bits. A change applies to series"
                    + " that are added later (default: ${DEFAULT-VALUE}).")
    private int seriesPrefixIpv4;

    @Option(
            names = "--series-prefix-ipv6",
            paramLabel = "BITS",
            defaultValue = TopologyDefaults.SERIES_PREFIX_IPV6,
            description = "Length of the prefix of an IPv6 address, 0 to 128 bits. A change applies to series"
                    + " that are added later (default: ${DEFAULT-VALUE}).")
    private int seriesPrefixIpv6;

    @Option(
            names = "--caretta-metrics",
            negatable = true,
            defaultValue = TopologyDefaults.CARETTA_METRICS,
            fallbackValue = "true",
            description = "Exports the metrics of Caretta too (default: ${DEFAULT-VALUE}).")
    private boolean carettaMetrics;

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "DURATION",
            defaultValue = TopologyDefaults.HEARTBEAT_INTERVAL,
            description = "Interval at which collectors report connections without traffic again (default:"
                    + " ${DEFAULT-VALUE}).")
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

    LogConfig logging() {
        return logging.config();
    }

    /**
     * The configuration.
     *
     * @param problems receives one line for each option whose value cannot be parsed
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
                        identities,
                        internalCidrs == null ? List.of() : internalCidrs,
                        externalNames(problems),
                        traverseUpHierarchy,
                        new DnsNames(dnsNameAge, dnsNameLimit),
                        reverseDns),
                new Connections(
                        heartbeatInterval,
                        LedgerRetention.builder()
                                .settleAfter(settleAfter)
                                .closedRetention(closedRetention)
                                .idleRetention(idleRetention)
                                .reportRetention(reportRetention)
                                .build()),
                new Links(
                        WindowSettings.builder()
                                .size(window)
                                .grace(windowGrace)
                                .retention(windowRetention)
                                .build(),
                        publishInterval,
                        linkRetention,
                        SeriesLimits.builder()
                                .limit(seriesLimit)
                                .prefixPercent(seriesPrefixShare)
                                .ipv4PrefixLength(seriesPrefixIpv4)
                                .ipv6PrefixLength(seriesPrefixIpv6)
                                .build()),
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
