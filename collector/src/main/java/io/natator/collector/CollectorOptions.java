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

/** The options of {@code collector run}. */
final class CollectorOptions {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            split = ",",
            defaultValue = "localhost:9092",
            description = "Kafka brokers (default: ${DEFAULT-VALUE}).")
    private List<String> bootstrapServers = List.of();

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            defaultValue = Topic.DEFAULT_PREFIX,
            description = "Start of every topic's name (default: ${DEFAULT-VALUE}).")
    private String topicPrefix = "";

    @Option(
            names = "--kafka-config",
            paramLabel = "PROPERTIES-FILE",
            description = "Settings of the Kafka clients, such as TLS and SASL.")
    private String kafkaConfig = "";

    @Option(
            names = "--schema-registry-url",
            paramLabel = "URL",
            description = "Writes values in Confluent's wire format, with schemas in this registry. --kafka-config"
                    + " has its credentials and TLS, under the names of Confluent's clients.")
    private String schemaRegistryUrl = "";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "6",
            description = "Partitions of the topic connections when the collector creates it (default:"
                    + " ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            description = "Name of this node (default: the host's name; env NATATOR_NODE_NAME or NODE_NAME).")
    private String nodeName = "";

    @Option(
            names = "--poll-interval",
            paramLabel = "DURATION",
            defaultValue = "200ms",
            description = "Interval at which opens and closes are read, 10ms to 1m (default: ${DEFAULT-VALUE}).")
    private Duration pollInterval = Duration.ZERO;

    @Option(
            names = "--snapshot-interval",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description =
                    "Interval at which live counters are read, 100ms to --heartbeat-interval (default: ${DEFAULT-VALUE}).")
    private Duration snapshotInterval = Duration.ZERO;

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "An idle connection is reported again after this time, --snapshot-interval to 12h"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration heartbeatInterval = Duration.ZERO;

    @Option(
            names = "--max-unacknowledged",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Maximum unacknowledged opens and closes in memory; above that, they stay in the"
                    + " kernel's ring buffer (default: ${DEFAULT-VALUE}).")
    private int maxUnacknowledged;

    @Option(
            names = "--compression",
            paramLabel = "none|gzip",
            defaultValue = "none",
            description = "Compression of records to Kafka (default: ${DEFAULT-VALUE}).")
    private Compression compression = Compression.NONE;

    @Option(
            names = "--linger",
            paramLabel = "DURATION",
            defaultValue = "50ms",
            description = "Records are collected for this long before they are sent, 0s to 10s (default:"
                    + " ${DEFAULT-VALUE}).")
    private Duration linger = Duration.ZERO;

    @Option(
            names = "--loopback",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Reports connections over 127.0.0.0/8 and ::1 too (default: ${DEFAULT-VALUE}).")
    private boolean loopback;

    @Option(
            names = "--exclude-cidr",
            paramLabel = "CIDR",
            split = ",",
            description = "Excludes connections with an end in this range.")
    private List<String> excludedCidrs = List.of();

    @Option(
            names = "--exclude-port",
            paramLabel = "PORT",
            split = ",",
            description = "Excludes connections with this port at either end.")
    private List<String> excludedPorts = List.of();

    @Option(
            names = "--cgroup-root",
            paramLabel = "DIR",
            description = "Mount point of the host's cgroup2 (default: the first cgroup2 in /proc/self/mounts).")
    private String cgroupRoot = "";

    @Option(
            names = "--proc-root",
            paramLabel = "DIR",
            defaultValue = "/proc",
            description = "Mount point of the host's proc (default: ${DEFAULT-VALUE}).")
    private Path procRoot = Path.of("");

    @Option(
            names = "--pin-directory",
            paramLabel = "DIR",
            defaultValue = "/sys/fs/bpf/natator",
            description = "Directory in bpffs where maps and links are pinned (default: ${DEFAULT-VALUE}).")
    private Path pinDirectory = Path.of("");

    @Option(
            names = "--ring-bytes",
            paramLabel = "BYTES",
            defaultValue = "4194304",
            description = "Size of the kernel's ring buffer of opens and closes, a power of two; each takes 160"
                    + " bytes (default: ${DEFAULT-VALUE}).")
    private int ringBytes;

    @Option(
            names = "--live-capacity",
            paramLabel = "N",
            defaultValue = "65536",
            description = "Live connections that the kernel side tracks (default: ${DEFAULT-VALUE}).")
    private int liveCapacity;

    @Option(
            names = "--spill-capacity",
            paramLabel = "N",
            defaultValue = "8192",
            description = "Closes that are stored with all details while the ring buffer is full (default:"
                    + " ${DEFAULT-VALUE}).")
    private int spillCapacity;

    @Option(
            names = "--fold-capacity",
            paramLabel = "N",
            defaultValue = "4096",
            description = "Address pairs whose bytes are summed up while the spill is full too (default:"
                    + " ${DEFAULT-VALUE}).")
    private int foldCapacity;

    @Option(
            names = "--udp",
            paramLabel = "off|auto|cgroup-skb",
            defaultValue = "off",
            description = "Counts UDP. auto attaches to functions that only UDP calls, where the kernel allows"
                    + " fentry. cgroup-skb works on every kernel, but also runs for each TCP packet, and"
                    + " requires CAP_NET_ADMIN (default: ${DEFAULT-VALUE}).")
    private UdpMode udp = UdpMode.OFF;

    @Option(
            names = "--udp-idle",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "A UDP flow ends after a pause of this length (default: ${DEFAULT-VALUE}).")
    private Duration udpIdle = Duration.ZERO;

    @Option(
            names = "--udp-flows",
            paramLabel = "N",
            defaultValue = "65536",
            description = "UDP flows that are tracked at a time; above that, bytes are summed up per address pair"
                    + " (default: ${DEFAULT-VALUE}).")
    private int udpFlows;

    @Option(
            names = "--dns-names",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Publishes the names that workloads look up in the topic dns-names; needs --udp"
                    + " (default: ${DEFAULT-VALUE}).")
    private boolean dnsNames;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "Maximum wait for Kafka at the end, 0s to 10m (default: ${DEFAULT-VALUE}).")
    private Duration shutdownTimeout = Duration.ZERO;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "7118",
            description = "Port of /metrics, /healthz and /readyz; 0 for any free port (default: ${DEFAULT-VALUE};"
                    + " env NATATOR_COLLECTOR_HTTP_PORT).")
    private int httpPort;

    @Mixin
    private FilterOptions filters = new FilterOptions();

    @Mixin
    private HttpOptions http = new HttpOptions();

    /** The configuration; what cannot be read is added to the problems, with a harmless value in its place. */
    CollectorConfig config(List<String> problems) {
        Path cgroups = cgroupRoot.isBlank() ? OwnerResolver.cgroupMount(procRoot) : Path.of(cgroupRoot);
        return new CollectorConfig(
                String.join(",", bootstrapServers),
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
