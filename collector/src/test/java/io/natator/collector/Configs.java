package io.natator.collector;

import java.util.ArrayList;
import java.util.List;

/** Configurations for tests. They have short intervals, and use any free HTTP port. */
final class Configs {
    private Configs() {}

    /**
     * Returns a configuration for tests.
     *
     * @param options further options of the command
     */
    static CollectorConfig collector(
            String bootstrapServers, String topicPrefix, int maxUnacknowledged, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "--bootstrap-servers=" + bootstrapServers,
                "--topic-prefix=" + topicPrefix,
                "--partitions=2",
                "--node-name=node-1",
                "--poll-interval=20ms",
                "--snapshot-interval=100ms",
                "--heartbeat-interval=1h",
                "--max-unacknowledged=" + maxUnacknowledged,
                "--linger=5ms",
                "--cgroup-root=/sys/fs/cgroup",
                "--http-address=127.0.0.1"));
        arguments.addAll(List.of(options));
        if (arguments.stream().noneMatch(option -> option.startsWith("--http-port="))) {
            arguments.add("--http-port=0");
        }
        return CollectorConfig.fromOptions(arguments.toArray(String[]::new));
    }
}
