package io.natator.collector;

import io.natator.collector.filter.CidrBlock;
import io.natator.collector.filter.SocketFilter;
import io.natator.collector.owner.OwnerResolver;
import io.natator.http.HttpOptions;
import io.natator.schemas.RegistryConfig;
import io.natator.schemas.Topic;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of {@code collector run}. An option that is not given comes from its environment variable; without one, or
 * where a value cannot be read, it keeps what it begins with, so that everything else can still be checked.
 */
final class CollectorOptions {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT,…",
            defaultValue = "${env:NATATOR_BOOTSTRAP_SERVERS}",
            description = "Kafka brokers (NATATOR_BOOTSTRAP_SERVERS; default: localhost:9092).")
    private String bootstrapServers = "localhost:9092";

    @Option(
            names = "--topic-prefix",
            paramLabel = "TEXT",
            defaultValue = "${env:NATATOR_TOPIC_PREFIX}",
            description = "Put before every topic's name (NATATOR_TOPIC_PREFIX; default: natator.).")
    private String topicPrefix = Topic.DEFAULT_PREFIX;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_KAFKA_CONFIG}",
            description = "Properties for the Kafka clients, such as TLS and SASL (NATATOR_KAFKA_CONFIG).")
    private String kafkaConfig = "";

    @Option(
            names = "--schema-registry-url",
            paramLabel = "URL",
            defaultValue = "${env:NATATOR_SCHEMA_REGISTRY_URL}",
            description = "Schema registry: then values are in Confluent's wire format. Credentials and TLS are in"
                    + " --kafka-config, by the names of Confluent's clients (NATATOR_SCHEMA_REGISTRY_URL).")
    private String schemaRegistryUrl = "";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_PARTITIONS}",
            description = "Partitions of the topic connections where it is missing (NATATOR_PARTITIONS; default: 6).")
    private int partitions = 6;

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            defaultValue = "${env:NATATOR_NODE_NAME:-${env:NODE_NAME}}",
            description = "Name of this node (NATATOR_NODE_NAME or NODE_NAME; default: the host's name).")
    private String nodeName = "";

    @Option(
            names = "--poll-interval",
            paramLabel = "TIME",
            defaultValue = "${env:NATATOR_POLL_INTERVAL}",
            description = "How often opens and closes are read (NATATOR_POLL_INTERVAL; default: 200ms).")
    private Duration pollInterval = Duration.ofMillis(200);

    @Option(
            names = "--snapshot-interval",
            paramLabel = "TIME",
            defaultValue = "${env:NATATOR_SNAPSHOT_INTERVAL}",
            description = "How often live counters are read (NATATOR_SNAPSHOT_INTERVAL; default: 5s).")
    private Duration snapshotInterval = Duration.ofSeconds(5);

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "TIME",
            defaultValue = "${env:NATATOR_HEARTBEAT_INTERVAL}",
            description = "After which time a quiet connection is sent again at the latest"
                    + " (NATATOR_HEARTBEAT_INTERVAL; default: 60s).")
    private Duration heartbeatInterval = Duration.ofSeconds(60);

    @Option(
            names = "--max-unacknowledged",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_MAX_UNACKNOWLEDGED}",
            description = "How many opens and closes wait for Kafka here; beyond, they wait in the kernel"
                    + " (NATATOR_MAX_UNACKNOWLEDGED; default: 10000).")
    private int maxUnacknowledged = 10_000;

    @Option(
            names = "--compression",
            paramLabel = "none|gzip",
            defaultValue = "${env:NATATOR_COMPRESSION}",
            description = "Compression towards Kafka (NATATOR_COMPRESSION; default: none).")
    private Compression compression = Compression.NONE;

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            defaultValue = "${env:NATATOR_LINGER}",
            description = "How long records are gathered before they are sent (NATATOR_LINGER; default: 50ms).")
    private Duration linger = Duration.ofMillis(50);

    @Option(
            names = "--loopback",
            negatable = true,
            defaultValue = "${env:NATATOR_LOOPBACK}",
            fallbackValue = "true",
            description = "Show connections over 127.0.0.0/8 and ::1 too (NATATOR_LOOPBACK; default: false).")
    private boolean loopback;

    @Option(
            names = "--exclude-cidr",
            paramLabel = "CIDR,…",
            split = ",",
            defaultValue = "${env:NATATOR_EXCLUDE_CIDR}",
            description = "Leave out connections with an end in this range (NATATOR_EXCLUDE_CIDR).")
    private List<String> excludedCidrs = List.of();

    @Option(
            names = "--exclude-port",
            paramLabel = "PORT,…",
            split = ",",
            defaultValue = "${env:NATATOR_EXCLUDE_PORT}",
            description = "Leave out connections with this port at an end (NATATOR_EXCLUDE_PORT).")
    private List<String> excludedPorts = List.of();

    @Option(
            names = "--cgroup-root",
            paramLabel = "DIR",
            defaultValue = "${env:NATATOR_CGROUP_ROOT}",
            description = "Where the host's cgroup2 is mounted (NATATOR_CGROUP_ROOT; default: found in mounts).")
    private String cgroupRoot = "";

    @Option(
            names = "--proc-root",
            paramLabel = "DIR",
            defaultValue = "${env:NATATOR_PROC_ROOT}",
            description = "Where the host's proc is mounted (NATATOR_PROC_ROOT; default: /proc).")
    private Path procRoot = Path.of("/proc");

    @Option(
            names = "--pin-directory",
            paramLabel = "DIR",
            defaultValue = "${env:NATATOR_PIN_DIRECTORY}",
            description = "Where maps and links stay in bpffs (NATATOR_PIN_DIRECTORY; default: /sys/fs/bpf/natator).")
    private Path pinDirectory = Path.of("/sys/fs/bpf/natator");

    @Option(
            names = "--ring-bytes",
            paramLabel = "BYTES",
            defaultValue = "${env:NATATOR_RING_BYTES}",
            description = "Size of the kernel's log of opens and closes, a power of two; 160 bytes each"
                    + " (NATATOR_RING_BYTES; default: 4194304).")
    private int ringBytes = KernelCapacity.DEFAULT.ringBytes();

    @Option(
            names = "--live-capacity",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_LIVE_CAPACITY}",
            description = "How many live connections can be read (NATATOR_LIVE_CAPACITY; default: 65536).")
    private int liveCapacity = KernelCapacity.DEFAULT.liveConnections();

    @Option(
            names = "--spill-capacity",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_SPILL_CAPACITY}",
            description = "How many closes are kept with their detail when the log is full"
                    + " (NATATOR_SPILL_CAPACITY; default: 8192).")
    private int spillCapacity = KernelCapacity.DEFAULT.spilledCloses();

    @Option(
            names = "--fold-capacity",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_FOLD_CAPACITY}",
            description = "For how many address pairs bytes are summed up when that is full too"
                    + " (NATATOR_FOLD_CAPACITY; default: 4096).")
    private int foldCapacity = KernelCapacity.DEFAULT.foldedPairs();

    @Option(
            names = "--udp",
            paramLabel = "off|auto|cgroup-skb",
            defaultValue = "${env:NATATOR_UDP}",
            description = "Count UDP: auto, on functions that only UDP reaches, where the kernel has them (fentry);"
                    + " cgroup-skb, on any kernel, but every TCP packet passes there too, and CAP_NET_ADMIN is needed"
                    + " (NATATOR_UDP; default: off).")
    private UdpMode udp = UdpMode.OFF;

    @Option(
            names = "--udp-idle",
            paramLabel = "TIME",
            defaultValue = "${env:NATATOR_UDP_IDLE}",
            description = "After which pause a UDP flow ends (NATATOR_UDP_IDLE; default: 30s).")
    private Duration udpIdle = UdpConfig.OFF.idle();

    @Option(
            names = "--udp-flows",
            paramLabel = "N",
            defaultValue = "${env:NATATOR_UDP_FLOWS}",
            description = "How many UDP flows are told apart at a time; beyond, bytes are summed up per address pair"
                    + " (NATATOR_UDP_FLOWS; default: 65536).")
    private int udpFlows = UdpConfig.OFF.flows();

    @Option(
            names = "--dns-names",
            negatable = true,
            defaultValue = "${env:NATATOR_DNS_NAMES}",
            fallbackValue = "true",
            description = "Tell in the topic dns-names by which names workloads ask for addresses; needs --udp"
                    + " (NATATOR_DNS_NAMES; default: false).")
    private boolean dnsNames;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "TIME",
            defaultValue = "${env:NATATOR_SHUTDOWN_TIMEOUT}",
            description = "How long Kafka is waited for at the end (NATATOR_SHUTDOWN_TIMEOUT; default: 5s).")
    private Duration shutdownTimeout = Duration.ofSeconds(5);

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "${env:NATATOR_COLLECTOR_HTTP_PORT}",
            description =
                    "Port of /metrics, /healthz, /readyz, 0 for any (NATATOR_COLLECTOR_HTTP_PORT; default: 7118).")
    private int httpPort = 7118;

    @Mixin
    private FilterOptions filters = new FilterOptions();

    @Mixin
    private HttpOptions http = new HttpOptions();

    /** The configuration; what cannot be read is added to the problems, with a harmless value in its place. */
    CollectorConfig config(List<String> problems) {
        Path cgroups = cgroupRoot.isBlank() ? OwnerResolver.cgroupMount(procRoot) : Path.of(cgroupRoot);
        return new CollectorConfig(
                bootstrapServers,
                topicPrefix,
                kafkaProperties(problems),
                partitions,
                nodeName.isBlank() ? hostName(procRoot) : nodeName,
                pollInterval,
                snapshotInterval,
                heartbeatInterval,
                maxUnacknowledged,
                compression,
                linger,
                new SocketFilter(loopback, cidrBlocks(problems), ports(problems), filters.filter(cgroups, problems)),
                cgroups,
                procRoot,
                pinDirectory,
                new KernelCapacity(ringBytes, liveCapacity, spillCapacity, foldCapacity),
                new UdpConfig(udp, udpIdle, udpFlows, dnsNames),
                shutdownTimeout,
                http.settings(httpPort, problems));
    }

    private Map<String, String> kafkaProperties(List<String> problems) {
        var properties = new Properties();
        if (!kafkaConfig.isBlank()) {
            try (Reader reader = Files.newBufferedReader(Path.of(kafkaConfig))) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                problems.add("--kafka-config " + kafkaConfig + " cannot be read: " + e);
            }
        }
        if (!schemaRegistryUrl.isBlank()) {
            properties.setProperty(RegistryConfig.URL, schemaRegistryUrl);
        }
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, name -> properties.getProperty(name)));
    }

    private List<CidrBlock> cidrBlocks(List<String> problems) {
        return excludedCidrs.stream()
                .filter(text -> !text.isBlank())
                .<CidrBlock>mapMulti((text, blocks) -> {
                    try {
                        blocks.accept(CidrBlock.parse(text.strip()));
                    } catch (IllegalArgumentException e) {
                        problems.add("--exclude-cidr: " + e.getMessage());
                    }
                })
                .toList();
    }

    private Set<Integer> ports(List<String> problems) {
        return excludedPorts.stream()
                .filter(text -> !text.isBlank())
                .<Integer>mapMulti((text, ports) -> {
                    try {
                        ports.accept(Integer.parseInt(text.strip()));
                    } catch (NumberFormatException e) {
                        problems.add("--exclude-port: '" + text + "' is no port: 0 to 65535");
                    }
                })
                .collect(Collectors.toSet());
    }

    private static String hostName(Path proc) {
        @Nullable String name = readHostName(proc);
        if (name != null) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unknown) {
            return "";
        }
    }

    /** The kernel's own, without a resolver that may answer something else. */
    private static @Nullable String readHostName(Path proc) {
        try {
            return Files.readString(proc.resolve("sys/kernel/hostname")).strip();
        } catch (IOException unreadable) {
            return null;
        }
    }
}
