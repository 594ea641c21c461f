package io.natator.topology;

import io.natator.http.HttpOptions;
import io.natator.schemas.RegistryConfig;
import io.natator.topology.TopologyConfig.GroupProtocol;
import io.natator.topology.activity.ActivityBounds;
import io.natator.topology.activity.ActivityFormat;
import io.natator.topology.identity.Cidr;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.ledger.LedgerBounds;
import io.natator.topology.link.SeriesBounds;
import io.natator.topology.link.WindowBounds;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line. Every option may come from the environment: {@code --settle-after} from NATATOR_SETTLE_AFTER. */
final class TopologyOptions {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT,…",
            defaultValue = "${env:NATATOR_BOOTSTRAP_SERVERS:-localhost:9092}",
            description = "Kafka brokers. Default: localhost:9092")
    String bootstrapServers = "";

    @Option(
            names = "--topic-prefix",
            paramLabel = "TEXT",
            defaultValue = "${env:NATATOR_TOPIC_PREFIX:-natator.}",
            description = "Put before every topic's name. Default: natator.")
    String topicPrefix = "";

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_KAFKA_CONFIG}",
            description = "Properties for the Kafka clients (TLS, SASL).")
    @Nullable
    Path kafkaConfig;

    @Option(
            names = "--schema-registry-url",
            paramLabel = "URL",
            defaultValue = "${env:NATATOR_SCHEMA_REGISTRY_URL:-}",
            description = "Schema registry: then what leaves is in Confluent's wire format, and what comes may be."
                    + " Credentials and TLS are in --kafka-config, by the names of Confluent's clients.")
    String schemaRegistryUrl = "";

    @Option(
            names = "--application-id",
            paramLabel = "TEXT",
            defaultValue = "${env:NATATOR_APPLICATION_ID:-natator-topology}",
            description = "Instances with the same id share the work. Default: natator-topology")
    String applicationId = "";

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            defaultValue = "${env:NATATOR_STATE_DIR:-${sys:java.io.tmpdir}/natator-topology}",
            description =
                    "Where state is kept between starts; it can be restored from Kafka. Default: ${DEFAULT-VALUE}")
    Path stateDirectory = Path.of("");

    @Option(
            names = "--group-protocol",
            paramLabel = "classic|streams",
            defaultValue = "${env:NATATOR_GROUP_PROTOCOL:-classic}",
            description = "Rebalance protocol; streams needs brokers of 4.2 or later. Default: classic")
    GroupProtocol groupProtocol = GroupProtocol.CLASSIC;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_THREADS:-0}",
            description = "Stream threads; 0 for one per processor. Default: 0")
    int threads;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_PARTITIONS:-6}",
            description = "Partitions of topics that are created. Default: 6")
    int partitions;

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_REPLICATION_FACTOR:--1}",
            description = "Replicas of internal topics; -1 for the broker's default. Default: -1")
    int replicationFactor;

    @Option(
            names = "--standby-replicas",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_STANDBY_REPLICAS:-0}",
            description = "Copies of the state on other instances (classic protocol). Default: 0")
    int standbyReplicas;

    @Option(
            names = "--commit-interval",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_COMMIT_INTERVAL:-1s}",
            description = "Length of a transaction; results are seen after two. Default: 1s")
    Duration commitInterval = Duration.ZERO;

    @Option(
            names = "--transaction-timeout",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_TRANSACTION_TIMEOUT:-10s}",
            description = "How long a transaction may stay open before the brokers abort it. Bounds how long a crashed"
                    + " instance holds back readers; has to be longer than any pause of a live one. Default: 10s")
    Duration transactionTimeout = Duration.ZERO;

    @Option(
            names = "--publish-interval",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_PUBLISH_INTERVAL:-1s}",
            description = "How often what changed is published. Default: 1s")
    Duration publishInterval = Duration.ZERO;

    @Option(
            names = "--store-memory",
            paramLabel = "BYTES",
            defaultValue = "${env:NATATOR_STORE_MEMORY:-134217728}",
            description = "Memory outside the heap of all stores together. Default: 134217728")
    long storeMemoryBytes;

    @Option(
            names = "--settle-after",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_SETTLE_AFTER:-10s}",
            description = "How long a connection waits for its other half or an identity. Default: 10s")
    Duration settleAfter = Duration.ZERO;

    @Option(
            names = "--closed-retention",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_CLOSED_RETENTION:-5m}",
            description = "How long a connection stays in the ledger after its end. Default: 5m")
    Duration closedRetention = Duration.ZERO;

    @Option(
            names = "--idle-retention",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_IDLE_RETENTION:-15m}",
            description = "How long an unheard connection stays in the ledger. Default: 15m")
    Duration idleRetention = Duration.ZERO;

    @Option(
            names = "--report-retention",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_REPORT_RETENTION:-24h}",
            description = "How long what has left the ledger is recognised. Default: 24h")
    Duration reportRetention = Duration.ZERO;

    @Option(
            names = "--internal-cidr",
            paramLabel = "CIDR",
            split = ",",
            defaultValue = "${env:NATATOR_INTERNAL_CIDR}",
            description = "Public address ranges whose hosts run collectors; repeatable.")
    @Nullable
    List<Cidr> internalCidrs;

    @Option(
            names = "--cidr-names",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_CIDR_NAMES}",
            description =
                    "Names of address ranges outside: a text file, one range a line, such as '10.20.0.0/16: office' or"
                            + " '2001:db8::/32: \"head office\"' (a flat YAML map); an address alone is a range of one, '#' begins a"
                            + " comment. The narrowest range counts. Read at the start; new names are for new connections.")
    @Nullable
    Path cidrNames;

    @Option(
            names = "--traverse-up-hierarchy",
            negatable = true,
            defaultValue = "${env:NATATOR_TRAVERSE_UP_HIERARCHY:-true}",
            fallbackValue = "true",
            description = "Name a pod by its top controller, not by itself; for new connections. Default: true")
    boolean traverseUpHierarchy;

    @Option(
            names = "--dns-name-age",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_DNS_NAME_AGE:-24h}",
            description =
                    "An external address without a configured name goes by the name that a workload asked the DNS for,"
                            + " where collectors watch the DNS and the answer is no further from the connection's time than"
                            + " this. A connection waits for the name, but no longer than --settle-after. Default: 24h")
    Duration dnsNameAge = Duration.ZERO;

    @Option(
            names = "--dns-name-limit",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_DNS_NAME_LIMIT:-100000}",
            description = "How many of those names are held in memory, the latest used. Default: 100000")
    int dnsNameLimit;

    @Option(
            names = "--reverse-dns",
            negatable = true,
            defaultValue = "${env:NATATOR_REVERSE_DNS:-false}",
            fallbackValue = "true",
            description =
                    "Look addresses that nobody owns up in the DNS. A connection waits for the name, but no longer"
                            + " than --settle-after; it keeps what it got, so a link of the address may be beside one of the name."
                            + " Default: false")
    boolean reverseDns;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_WINDOW:-1m}",
            description = "Length of a window. Default: 1m")
    Duration window = Duration.ZERO;

    @Option(
            names = "--window-grace",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_WINDOW_GRACE:-2m}",
            description = "How long a window takes in what is late. Default: 2m")
    Duration windowGrace = Duration.ZERO;

    @Option(
            names = "--window-retention",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_WINDOW_RETENTION:-15m}",
            description = "How far back the API can be asked for a range of time; the windows stay in the state for it."
                    + " Default: 15m")
    Duration windowRetention = Duration.ZERO;

    @Option(
            names = "--link-retention",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_LINK_RETENTION:-24h}",
            description = "How long an idle link stays; then it is retired: a tombstone in the topic, no series."
                    + " Default: 24h")
    Duration linkRetention = Duration.ZERO;

    @Option(
            names = "--activity",
            paramLabel = "off|ocsf|ecs",
            defaultValue = "${env:NATATOR_ACTIVITY:-ocsf}",
            description =
                    "What connection events are written as, for security tools: OCSF 1.8 Network Activity, Elastic"
                            + " Common Schema, or not at all. Default: ocsf")
    ActivityFormat activity = ActivityFormat.OCSF;

    @Option(
            names = "--activity-interval",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_ACTIVITY_INTERVAL:-5m}",
            description = "How often the traffic of a long connection is told. Default: 5m")
    Duration activityInterval = Duration.ZERO;

    @Option(
            names = "--activity-limit",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_ACTIVITY_LIMIT:-1000}",
            description = "Connection events per second of this instance, at most; what is more is told in sums."
                    + " Default: 1000")
    int activityLimit;

    @Option(
            names = "--series-limit",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_SERIES_LIMIT:-10000}",
            description = "Links with Prometheus series, those of --series-prefix-share included; the rest is summed as"
                    + " 'other'. Default: 10000")
    int seriesLimit;

    @Option(
            names = "--series-prefix-share",
            paramLabel = "PERCENT",
            defaultValue = "${env:NATATOR_SERIES_PREFIX_SHARE:-10}",
            description =
                    "How much of --series-limit is kept for address prefixes: a link that finds no place, and whose"
                            + " end outside has no name but its address, is summed under the address's prefix. Default: 10")
    int seriesPrefixShare;

    @Option(
            names = "--series-prefix-ipv4",
            paramLabel = "BITS",
            defaultValue = "${env:NATATOR_SERIES_PREFIX_IPV4:-24}",
            description = "Length of the prefix of an IPv4 address, for what is counted from then on. Default: 24")
    int seriesPrefixIpv4;

    @Option(
            names = "--series-prefix-ipv6",
            paramLabel = "BITS",
            defaultValue = "${env:NATATOR_SERIES_PREFIX_IPV6:-64}",
            description = "Length of the prefix of an IPv6 address, for what is counted from then on. Default: 64")
    int seriesPrefixIpv6;

    @Option(
            names = "--caretta-metrics",
            negatable = true,
            defaultValue = "${env:NATATOR_CARETTA_METRICS:-true}",
            fallbackValue = "true",
            description = "Export Caretta's metrics too. Default: true")
    boolean carettaMetrics;

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "DURATION",
            defaultValue = "${env:NATATOR_HEARTBEAT_INTERVAL:-60s}",
            description = "How often collectors report what does not change. Default: 60s")
    Duration heartbeatInterval = Duration.ZERO;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "${env:NATATOR_HTTP_PORT:-7117}",
            description = "Port of the HTTP server, 0 for any that is free. Default: 7117")
    int httpPort;

    @Option(
            names = "--advertised-address",
            paramLabel = "HOST[:PORT]",
            defaultValue = "${env:NATATOR_ADVERTISED_ADDRESS}",
            description = "Where other instances reach this one over HTTP; any answers for all. With TLS, a name in its"
                    + " certificate. Default: what it is bound to, or this machine's address")
    @Nullable
    String advertisedAddress;

    @Mixin
    HttpOptions http = new HttpOptions();

    /**
     * A configuration, and what is wrong with it.
     *
     * @param problems one line each
     */
    record Read(TopologyConfig config, List<String> problems) {}

    Read read() {
        List<String> problems = new ArrayList<>();
        TopologyConfig config = TopologyConfig.builder()
                .bootstrapServers(bootstrapServers)
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
                .ledger(new LedgerBounds(settleAfter, closedRetention, idleRetention, reportRetention))
                .internalCidrs(internalCidrs == null ? List.of() : internalCidrs)
                .externalNames(externalNames(problems))
                .traverseUpHierarchy(traverseUpHierarchy)
                .dnsNames(new TopologyConfig.DnsNames(dnsNameAge, dnsNameLimit))
                .reverseDns(reverseDns)
                .windows(new WindowBounds(window, windowGrace, windowRetention))
                .linkRetention(linkRetention)
                .activity(new ActivityBounds(activity, activityInterval, activityLimit))
                .series(new SeriesBounds(seriesLimit, seriesPrefixShare, seriesPrefixIpv4, seriesPrefixIpv6))
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
