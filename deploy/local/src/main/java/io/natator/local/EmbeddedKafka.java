package io.natator.local;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A Kafka broker and controller (KRaft) in this process, reachable on loopback only. Its data stays in a folder. A
 * broker that is started on the same folder continues with the data of the previous broker.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final String HOST = "localhost";
    private static final int NODE = 1;

    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private EmbeddedKafka(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker. Creates and formats the folder if necessary.
     *
     * @param directory folder of the broker's log and metadata, used by one broker at a time
     * @param port port of the client listener; 0 for any free port
     * @throws StartException if the port is in use or the folder cannot be used; the message is one line for the user
     */
    public static EmbeddedKafka start(Path directory, int port) {
        return start(directory, port, settings -> {});
    }

    /**
     * Like {@link #start(Path, int)}, with further broker properties, such as another listener.
     *
     * @param change changes the broker's properties
     */
    public static EmbeddedKafka start(Path directory, int port, Consumer<Map<String, String>> change) {
        int clientPort = LocalPorts.free(port, "--kafka-port");
        int controllerPort = LocalPorts.free(0, "--kafka-port");
        format(directory);
        try {
            Map<String, String> settings = new HashMap<>(settings(directory, clientPort, controllerPort));
            change.accept(settings);
            var server = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
            server.startup();
            return new EmbeddedKafka(server, HOST + ":" + clientPort);
        } catch (RuntimeException e) {
            throw new StartException(
                    "the embedded Kafka broker did not start: " + e.getMessage() + ": if another one uses " + directory
                            + ", stop it or choose another --data-directory",
                    e);
        }
    }

    /** The broker's address as {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Stops the broker and waits until its data is on disk. */
    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static Map<String, String> settings(Path directory, int clientPort, int controllerPort) {
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", Integer.toString(NODE)),
                Map.entry("controller.quorum.voters", NODE + "@" + HOST + ":" + controllerPort),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry(
                        "listeners",
                        "PLAINTEXT://" + HOST + ":" + clientPort + ",CONTROLLER://" + HOST + ":" + controllerPort),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("log.dirs", directory.toString()),
                Map.entry("default.replication.factor", "1"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                // Each of these topics has 50 partitions by default. With fewer, the broker starts faster, and they are
                // enough for a few groups.
                Map.entry("offsets.topic.num.partitions", "3"),
                Map.entry("transaction.state.log.num.partitions", "3"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
                Map.entry("group.streams.heartbeat.interval.ms", "500"),
                Map.entry("group.streams.min.heartbeat.interval.ms", "500"),
                Map.entry("log.segment.bytes", Integer.toString(64 << 20)));
    }

    private static void format(Path directory) {
        try {
            Files.createDirectories(directory);
            if (Files.exists(directory.resolve("meta.properties"))) {
                return;
            }
            new Formatter()
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(NODE)
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(directory.toString())
                    .addDirectory(directory.toString())
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setPrintStream(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
                    .run();
        } catch (Exception e) { // Formatter.run declares Exception
            throw new StartException(
                    "the folder " + directory + " cannot hold Kafka's data: " + e.getMessage()
                            + ": choose another with --data-directory",
                    e);
        }
    }
}
