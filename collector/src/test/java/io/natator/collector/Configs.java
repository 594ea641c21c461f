package io.natator.collector;

import io.natator.collector.filter.SocketFilter;
import io.natator.http.HttpSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Configurations to test with: short intervals, any free port. */
final class Configs {
    private Configs() {}

    static CollectorConfig collector(String bootstrapServers, String topicPrefix, int maxUnacknowledged) {
        return new CollectorConfig(
                bootstrapServers,
                topicPrefix,
                Map.of(),
                2,
                "node-1",
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofHours(1),
                maxUnacknowledged,
                Compression.NONE,
                Duration.ofMillis(5),
                new SocketFilter(false, List.of(), Set.of()),
                Path.of("/sys/fs/cgroup"),
                Path.of("/proc"),
                Path.of("/sys/fs/bpf/natator"),
                KernelCapacity.DEFAULT,
                UdpConfig.OFF,
                Duration.ofSeconds(5),
                HttpSettings.open("127.0.0.1", 0));
    }

    /** The same with UDP counted and names read from it. */
    static CollectorConfig withDnsNames(CollectorConfig config) {
        UdpConfig off = config.udp();
        return with(
                config, config.procRoot(), new UdpConfig(UdpMode.AUTO, off.idle(), off.flows(), true), config.http());
    }

    /** The same with another proc file system, and other settings of UDP and HTTP. */
    static CollectorConfig with(CollectorConfig config, Path procRoot, UdpConfig udp, HttpSettings http) {
        return new CollectorConfig(
                config.bootstrapServers(),
                config.topicPrefix(),
                config.kafkaProperties(),
                config.partitions(),
                config.nodeName(),
                config.pollInterval(),
                config.snapshotInterval(),
                config.heartbeatInterval(),
                config.maxUnacknowledged(),
                config.compression(),
                config.linger(),
                config.filter(),
                config.cgroupRoot(),
                procRoot,
                config.pinDirectory(),
                config.kernelCapacity(),
                udp,
                config.shutdownTimeout(),
                http);
    }
}
