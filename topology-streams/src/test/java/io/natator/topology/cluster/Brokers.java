package io.natator.topology.cluster;

import io.natator.http.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.Uuid;

/**
 * Three brokers that run as processes. Each broker has replicas of all partitions, so a test can kill any one of them
 * without losing records.
 */
final class Brokers implements AutoCloseable {
    private static final int COUNT = 3;

    private final Path directory;
    private final String clusterId = Uuid.randomUuid().toString();
    private final List<Integer> ports =
            IntStream.range(0, 2 * COUNT).map(i -> FreePort.find()).boxed().toList();
    private final List<JavaProcess> processes = new ArrayList<>();

    Brokers(Path directory) throws IOException {
        this.directory = directory;
        for (int i = 0; i < COUNT; i++) {
            Path own = Files.createDirectories(directory.resolve("broker-" + i));
            Files.write(
                    own.resolve("server.properties"),
                    settings(i, own).entrySet().stream()
                            .map(setting -> setting.getKey() + "=" + setting.getValue())
                            .toList());
            processes.add(launch(i));
        }
    }

    private Map<String, String> settings(int broker, Path own) {
        String voters = IntStream.range(0, COUNT)
                .mapToObj(i -> i + "@localhost:" + ports.get(COUNT + i))
                .collect(Collectors.joining(","));
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", Integer.toString(broker)),
                Map.entry("controller.quorum.voters", voters),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry(
                        "listeners",
                        "PLAINTEXT://localhost:" + ports.get(broker) + ",CONTROLLER://localhost:"
                                + ports.get(COUNT + broker)),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("log.dirs", own.resolve("data").toString()),
                Map.entry("default.replication.factor", "3"),
                Map.entry("min.insync.replicas", "2"),
                Map.entry("offsets.topic.replication.factor", "3"),
                Map.entry("offsets.topic.num.partitions", "3"),
                Map.entry("transaction.state.log.replication.factor", "3"),
                Map.entry("transaction.state.log.min.isr", "2"),
                Map.entry("transaction.state.log.num.partitions", "3"),
                Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
                Map.entry("broker.session.timeout.ms", "4000"),
                Map.entry("replica.lag.time.max.ms", "5000"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("group.min.session.timeout.ms", "1000"),
                Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
                Map.entry("group.streams.heartbeat.interval.ms", "1000"),
                Map.entry("group.streams.min.heartbeat.interval.ms", "1000"),
                Map.entry("group.streams.session.timeout.ms", "8000"),
                Map.entry("group.streams.min.session.timeout.ms", "8000"));
    }

    private JavaProcess launch(int broker) {
        Path own = directory.resolve("broker-" + broker);
        return JavaProcess.start(
                own.resolve("log"),
                BrokerMain.class.getName(),
                List.of(own.resolve("server.properties").toString(), clusterId));
    }

    String bootstrapServers() {
        return ports.stream().limit(COUNT).map(port -> "localhost:" + port).collect(Collectors.joining(","));
    }

    int count() {
        return COUNT;
    }

    void kill(int broker) {
        processes.get(broker).kill();
    }

    void startAgain(int broker) {
        processes.set(broker, launch(broker));
    }

    /** Waits until every broker is running and every partition has all its replicas. */
    boolean areWhole() {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000))) {
            if (admin.describeCluster().nodes().get().size() < COUNT) {
                return false;
            }
            var topics = admin.listTopics(new ListTopicsOptions().listInternal(true))
                    .names()
                    .get();
            return admin.describeTopics(topics).allTopicNames().get().values().stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(partition -> partition.isr().size() == COUNT);
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        processes.forEach(JavaProcess::close);
    }
}
