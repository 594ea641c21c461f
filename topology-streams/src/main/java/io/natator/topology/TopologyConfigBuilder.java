package io.natator.topology;

import io.natator.http.HttpSettings;
import io.natator.schemas.Topic;
import io.natator.topology.TopologyConfig.DnsNames;
import io.natator.topology.TopologyConfig.GroupProtocol;
import io.natator.topology.TopologyConfig.Http;
import io.natator.topology.TopologyConfig.Kafka;
import io.natator.topology.TopologyConfig.Links;
import io.natator.topology.TopologyConfig.Naming;
import io.natator.topology.TopologyConfig.Streams;
import io.natator.topology.identity.Cidr;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.ledger.LedgerRetention;
import io.natator.topology.link.SeriesLimits;
import io.natator.topology.link.WindowSettings;
import io.natator.topology.siem.ActivitySettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects what differs from the defaults of a {@link TopologyConfig}. Not thread-safe. */
public final class TopologyConfigBuilder {
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
    private Duration transactionTimeout = Duration.ofSeconds(10);
    private long storeMemoryBytes = 128L << 20;
    private LedgerRetention ledger = LedgerRetention.DEFAULT;
    private List<Cidr> internalCidrs = List.of();
    private ExternalNames externalNames = ExternalNames.NONE;
    private boolean traverseUpHierarchy = true;
    private DnsNames dnsNames = DnsNames.DEFAULT;
    private boolean reverseDns;
    private WindowSettings windows = WindowSettings.DEFAULT;
    private Duration publishInterval = Duration.ofSeconds(1);
    private Duration linkRetention = Duration.ofHours(24);
    private ActivitySettings activity = ActivitySettings.DEFAULT;
    private SeriesLimits series = SeriesLimits.DEFAULT;
    private boolean carettaMetrics = true;
    private Optional<String> advertisedAddress = Optional.empty();
    private Duration heartbeatInterval = Duration.ofMinutes(1);
    private HttpSettings http = HttpSettings.open("0.0.0.0", 7117);

    TopologyConfigBuilder() {}

    /** Kafka brokers; default {@code localhost:9092}. */
    public TopologyConfigBuilder bootstrapServers(String value) {
        bootstrapServers = value;
        return this;
    }

    /** Topic prefix; default {@code natator.}. */
    public TopologyConfigBuilder topicPrefix(String value) {
        topicPrefix = value;
        return this;
    }

    /** Further client settings; default none. */
    public TopologyConfigBuilder kafkaProperties(Map<String, String> value) {
        kafkaProperties = value;
        return this;
    }

    /** Application id; default {@code natator-topology}. */
    public TopologyConfigBuilder applicationId(String value) {
        applicationId = value;
        return this;
    }

    /** State directory; default {@code natator-topology} in the directory for temporary files. */
    public TopologyConfigBuilder stateDirectory(Path value) {
        stateDirectory = value;
        return this;
    }

    /** Group protocol; default classic. */
    public TopologyConfigBuilder groupProtocol(GroupProtocol value) {
        groupProtocol = value;
        return this;
    }

    /** Stream threads; default the number of processors. */
    public TopologyConfigBuilder threads(int value) {
        threads = value;
        return this;
    }

    /** Partitions of created topics; default 6. */
    public TopologyConfigBuilder partitions(int value) {
        partitions = value;
        return this;
    }

    /** Replication of internal topics; default -1. */
    public TopologyConfigBuilder replicationFactor(int value) {
        replicationFactor = value;
        return this;
    }

    /** Standby replicas; default 0. */
    public TopologyConfigBuilder standbyReplicas(int value) {
        standbyReplicas = value;
        return this;
    }

    /** Commit interval; default 1 s. */
    public TopologyConfigBuilder commitInterval(Duration value) {
        commitInterval = value;
        return this;
    }

    /** Transaction timeout; default 10 s. */
    public TopologyConfigBuilder transactionTimeout(Duration value) {
        transactionTimeout = value;
        return this;
    }

    /** Store memory; default 128 MiB. */
    public TopologyConfigBuilder storeMemoryBytes(long value) {
        storeMemoryBytes = value;
        return this;
    }

    /** Ledger bounds; default {@link LedgerRetention#DEFAULT}. */
    public TopologyConfigBuilder ledger(LedgerRetention value) {
        ledger = value;
        return this;
    }

    /** Public ranges used inside; default none. */
    public TopologyConfigBuilder internalCidrs(List<Cidr> value) {
        internalCidrs = value;
        return this;
    }

    /** Names of ranges outside; default none. */
    public TopologyConfigBuilder externalNames(ExternalNames value) {
        externalNames = value;
        return this;
    }

    /** Pods by their top controllers; default true. */
    public TopologyConfigBuilder traverseUpHierarchy(boolean value) {
        traverseUpHierarchy = value;
        return this;
    }

    /** Names that workloads asked for; default {@link DnsNames#DEFAULT}. */
    public TopologyConfigBuilder dnsNames(DnsNames value) {
        dnsNames = value;
        return this;
    }

    /** Reverse DNS; default false. */
    public TopologyConfigBuilder reverseDns(boolean value) {
        reverseDns = value;
        return this;
    }

    /** Windows; default {@link WindowSettings#DEFAULT}. */
    public TopologyConfigBuilder windows(WindowSettings value) {
        windows = value;
        return this;
    }

    /** Publish interval; default 1 s. */
    public TopologyConfigBuilder publishInterval(Duration value) {
        publishInterval = value;
        return this;
    }

    /** Link retention; default 24 hours. */
    public TopologyConfigBuilder linkRetention(Duration value) {
        linkRetention = value;
        return this;
    }

    /** Activity events; default {@link ActivitySettings#DEFAULT}. */
    public TopologyConfigBuilder activity(ActivitySettings value) {
        activity = value;
        return this;
    }

    /** Series of links; default {@link SeriesLimits#DEFAULT}. */
    public TopologyConfigBuilder series(SeriesLimits value) {
        series = value;
        return this;
    }

    /** Caretta's metrics; default true. */
    public TopologyConfigBuilder carettaMetrics(boolean value) {
        carettaMetrics = value;
        return this;
    }

    /** The collectors' heartbeat; default 1 minute. */
    public TopologyConfigBuilder heartbeatInterval(Duration value) {
        heartbeatInterval = value;
        return this;
    }

    /** HTTP; default port 7117 of every address, for everyone. */
    public TopologyConfigBuilder http(HttpSettings value) {
        http = value;
        return this;
    }

    /** Where other instances reach it; default what is bound, or this machine's address. */
    public TopologyConfigBuilder advertisedAddress(Optional<String> value) {
        advertisedAddress = value;
        return this;
    }

    /** The configuration, not validated: see {@link TopologyConfig#problems()}. */
    public TopologyConfig build() {
        return new TopologyConfig(
                new Kafka(bootstrapServers, topicPrefix, kafkaProperties, partitions),
                new Streams(
                        applicationId,
                        stateDirectory,
                        groupProtocol,
                        threads,
                        replicationFactor,
                        standbyReplicas,
                        commitInterval,
                        transactionTimeout,
                        storeMemoryBytes),
                new Naming(internalCidrs, externalNames, traverseUpHierarchy, dnsNames, reverseDns),
                ledger,
                new Links(windows, publishInterval, linkRetention, series),
                activity,
                heartbeatInterval,
                new Http(http, advertisedAddress, carettaMetrics));
    }
}
