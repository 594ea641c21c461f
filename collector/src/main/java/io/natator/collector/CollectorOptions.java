package io.natator.collector;

import io.natator.collector.owner.CgroupMount;
import io.natator.collector.snapshot.CollectingNode;
import io.natator.http.DefaultHttpPorts;
import io.natator.http.HttpOptions;
import io.natator.http.kafka.ClusterOptions;
import io.natator.http.kafka.KafkaOptions;
import io.natator.http.logging.LogConfig;
import io.natator.http.logging.LoggingOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code collector run}. */
final class CollectorOptions {
    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(names = "--node-name", paramLabel = "NAME", description = "Name of this node (default: the host's name).")
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
            description = "Interval at which the counters of open connections are read, 100ms to"
                    + " --heartbeat-interval (default: ${DEFAULT-VALUE}).")
    private Duration snapshotInterval = Duration.ZERO;

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "Time after which an idle connection is reported again, --snapshot-interval to 12h"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration heartbeatInterval = Duration.ZERO;

    @Option(
            names = "--max-unacknowledged",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Maximum number of opens and closes in memory that Kafka has not acknowledged; above"
                    + " that, they stay in the kernel's ring buffer (default: ${DEFAULT-VALUE}).")
    private int maxUnacknowledged;

    @Option(
            names = "--compression",
            paramLabel = "none|gzip",
            defaultValue = "none",
            description = "Compression of the records that are sent to Kafka (default: ${DEFAULT-VALUE}).")
    private Compression compression = Compression.NONE;

    @Option(
            names = "--linger",
            paramLabel = "DURATION",
            defaultValue = "50ms",
            description = "Time to wait for further records before a batch is sent to Kafka, 0s to 10s (default:"
                    + " ${DEFAULT-VALUE}).")
    private Duration linger = Duration.ZERO;

    @Mixin
    private FilterOptions filters = new FilterOptions();

    @Option(
            names = "--cgroup-root",
            paramLabel = "CGROUP-DIR",
            description = "Mount point of the host's cgroup2, or a directory above it, such as /sys/fs/cgroup of a host"
                    + " that also has cgroup v1 (default: the first cgroup2 in /proc/self/mountinfo).")
    private String cgroupRoot = "";

    @Option(
            names = "--proc-root",
            paramLabel = "DIR",
            defaultValue = "/proc",
            description = "Mount point of the host's proc file system (default: ${DEFAULT-VALUE}).")
    private Path procRoot = Path.of("");

    @Option(
            names = "--docker-root",
            paramLabel = "DIR",
            defaultValue = "/var/lib/docker",
            description = "Data directory of the host's Docker, where names of containers are read (default:"
                    + " ${DEFAULT-VALUE}).")
    private Path dockerRoot = Path.of("");

    @Option(
            names = "--podman-root",
            paramLabel = "DIR",
            defaultValue = "/var/lib/containers/storage",
            description = "Storage of the host's Podman, where names of containers are read (default:"
                    + " ${DEFAULT-VALUE}).")
    private Path podmanRoot = Path.of("");

    @Mixin
    private PinDirectoryOption pinDirectory = new PinDirectoryOption();

    @Option(
            names = "--ring-bytes",
            paramLabel = "BYTES",
            description = "Size of the kernel's ring buffer in bytes, a power of two; each open or close takes"
                    + " 160 bytes (default: ${DEFAULT-VALUE}).")
    private int ringBytes = KernelCapacity.DEFAULT.ringBytes();

    @Option(
            names = "--live-capacity",
            paramLabel = "N",
            description = "Maximum number of open connections that the kernel side tracks (default: ${DEFAULT-VALUE}).")
    private int liveCapacity = KernelCapacity.DEFAULT.liveConnections();

    @Option(
            names = "--spill-capacity",
            paramLabel = "N",
            description = "Maximum number of closes that are stored as whole records while the ring buffer is full"
                    + " (default: ${DEFAULT-VALUE}).")
    private int spillCapacity = KernelCapacity.DEFAULT.spilledCloses();

    @Option(
            names = "--fold-capacity",
            paramLabel = "N",
            description = "Maximum number of address pairs whose bytes are summed up while no other map has"
                    + " space (default: ${DEFAULT-VALUE}).")
    private int foldCapacity = KernelCapacity.DEFAULT.foldedPairs();

    @Option(
            names = "--udp",
            paramLabel = "off|auto|cgroup-skb",
            defaultValue = "off",
            description = "Whether and how UDP is counted. auto attaches programs to kernel functions that only"
                    + " UDP calls, if the kernel allows fentry. cgroup-skb attaches programs that work on"
                    + " every kernel, but also run for each TCP packet; it requires CAP_NET_ADMIN"
                    + " (default: ${DEFAULT-VALUE}).")
    private UdpMode udp = UdpMode.OFF;

    @Option(
            names = "--udp-idle",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "Length of the pause after which a UDP flow ends (default: ${DEFAULT-VALUE}).")
    private Duration udpIdle = Duration.ZERO;

    @Option(
            names = "--udp-flows",
            paramLabel = "N",
            description = "Maximum number of UDP flows that are tracked at a time; above that, bytes are summed up"
                    + " per address pair (default: ${DEFAULT-VALUE}).")
    private int udpFlows = UdpConfig.DEFAULT_FLOWS;

    @Option(
            names = "--dns-names",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Publishes the DNS names that workloads look up, in the topic dns-names; needs --udp"
                    + " (default: ${DEFAULT-VALUE}).")
    private boolean dnsNames;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "Maximum wait at the end until Kafka acknowledges the last records, 0s to 10m (default:"
                    + " ${DEFAULT-VALUE}).")
    private Duration shutdownTimeout = Duration.ZERO;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = DefaultHttpPorts.COLLECTOR,
            description = HttpOptions.PORT)
    private int httpPort;

    @Mixin
    private HttpOptions http = new HttpOptions();

    @Mixin
    private LoggingOptions logging = new LoggingOptions();

    /** Returns which log lines are written, and in which format. */
    LogConfig logging() {
        return logging.config();
    }

    /**
     * Returns the configuration that the options describe.
     *
     * @param problems receives one line for each option whose value cannot be read; the configuration then has a
     *     default in its place, and must not be used
     */
    CollectorConfig config(List<String> problems) {
        Optional<Path> cgroup2 =
                cgroupRoot.isBlank() ? CgroupMount.find(procRoot) : CgroupMount.below(Path.of(cgroupRoot), procRoot);
        if (udp == UdpMode.CGROUP_SKB && cgroup2.isEmpty()) {
            problems.add("--udp cgroup-skb: " + FilterOptions.NO_CGROUP2 + ", or use --udp auto");
        }
        return new CollectorConfig(
                new CollectingNode(cluster.name(problems), nodeName.isBlank() ? hostName(procRoot) : nodeName),
                kafka.config(problems),
                new Delivery(maxUnacknowledged, compression, linger, shutdownTimeout),
                new Intervals(pollInterval, snapshotInterval, heartbeatInterval),
                new KernelConfig(
                        new HostPaths(cgroup2, procRoot, pinDirectory.path(), dockerRoot, podmanRoot),
                        filters.filter(cgroup2, problems),
                        KernelCapacity.DEFAULT
                                .withRingBytes(ringBytes)
                                .withLiveConnections(liveCapacity)
                                .withSpilledCloses(spillCapacity)
                                .withFoldedPairs(foldCapacity),
                        new UdpConfig(udp, udpIdle, udpFlows, dnsNames)),
                http.settings(httpPort, problems));
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

    /**
     * Returns the kernel's host name; null if it cannot be read. It is preferred to the result of a DNS lookup, because
     * a DNS resolver can return another name.
     */
    private static @Nullable String readHostName(Path proc) {
        try {
            return Files.readString(proc.resolve("sys/kernel/hostname")).strip();
        } catch (IOException unreadable) {
            return null;
        }
    }
}
