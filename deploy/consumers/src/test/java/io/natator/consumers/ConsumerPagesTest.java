package io.natator.consumers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.natator.local.EmbeddedKafka;
import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import io.natator.topology.TopologyApp;
import io.natator.topology.TopologyConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs each example of schemas/README.md, unchanged, with a real broker and topics that the topology has written. */
class ConsumerPagesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String EVENT = "\"class_uid\":4001";

    @TempDir
    private static Path directory;

    private static EmbeddedKafka kafka;
    private static TopologyApp topology;

    @BeforeAll
    static void start() throws Exception {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
        topology = new TopologyApp(TopologyConfig.fromOptions(
                "--bootstrap-servers=" + kafka.bootstrapServers(),
                "--state-dir=" + directory.resolve("state"),
                "--identities=none",
                "--partitions=1",
                "--threads=1",
                "--commit-interval=200ms",
                "--publish-interval=200ms",
                "--http-address=127.0.0.1",
                "--http-port=0"));
        topology.start();
        produce();
    }

    @AfterAll
    static void stop() {
        topology.close();
        kafka.close();
    }

    @Test
    void java() {
        String command = block("Java")
                .replace("CLASSPATH", Page.classPath("schemas", "kafka-clients", "/avro", "jackson", "slf4j-api"));

        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> assertThat(run(command)).contains("node-a/curl\t").contains("\t4000\t700\t0\t1\t1\t0"));
    }

    @Test
    void kcat() {
        assumeThat(run("command -v kcat || true")).as("kcat is installed").isNotBlank();
        String command = block("kcat");

        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(run(command).lines())
                        .hasSize(2)
                        .allMatch(line -> line.startsWith("node-a/process/curl") && line.contains(EVENT)));
    }

    @Test
    void kafkaConnect() throws Exception {
        // Given
        Path written = directory.resolve("network-activity.jsonl");
        Path examples = Path.of("..", "..", "schemas", "examples", "connect");
        for (String name : List.of("worker.properties", "network-activity.properties")) {
            Files.writeString(
                    directory.resolve(name),
                    Files.readString(examples.resolve(name))
                            .replace("localhost:9092", kafka.bootstrapServers())
                            .replace("http://localhost:8083", "http://localhost:0")
                            .replace(
                                    "/tmp/connect.offsets",
                                    directory.resolve("connect.offsets").toString())
                            .replace("/tmp/network-activity.jsonl", written.toString()));
        }
        // Kafka Connect runs in a separate process, with the main class that Kafka's script starts.
        String script = "java -cp '" + Page.classPath() + "' org.apache.kafka.connect.cli.ConnectStandalone";
        String command = block("Kafka Connect")
                .replace("connect-standalone.sh", script)
                .replace("schemas/examples/connect/", directory + "/");
        Process worker = new ProcessBuilder("bash", "-c", "exec " + command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("connect.log").toFile())
                .start();

        // Then
        try {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(Files.exists(written) ? Files.readAllLines(written) : List.of())
                            .as(() -> "see " + log())
                            .hasSize(2)
                            .allMatch(line -> line.toString().contains(EVENT)));
        } finally {
            worker.destroy();
            if (!worker.waitFor(30, TimeUnit.SECONDS)) {
                worker.destroyForcibly();
            }
        }
    }

    private static String log() {
        try {
            return Files.readString(directory.resolve("connect.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String block(String heading) {
        try {
            return Page.block(heading).replace("localhost:9092", kafka.bootstrapServers());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String run(String command) {
        try {
            var builder = new ProcessBuilder("bash", "-c", command)
                    .directory(Path.of("..", "..").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            // The examples use the JDK of this test instead of the machine's default.
            builder.environment()
                    .merge("PATH", System.getProperty("java.home") + "/bin", (path, own) -> own + ":" + path);
            Process process = builder.start();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
            return output;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Writes snapshots of one connection, which is opened and closed. Its server is an external address. The topology
     * makes two security events and one link of them.
     */
    private static void produce() throws Exception {
        Instant now = Instant.now();
        ConnectionSnapshot.Builder half = ConnectionSnapshot.newBuilder()
                .setNode("node-a")
                .setBootId("boot")
                .setSocketCookie(1)
                .setProtocol(Protocol.TCP)
                .setRole(Role.CLIENT)
                .setLocalAddress(address("10.0.0.1"))
                .setLocalPort(40_000)
                .setRemoteAddress(address("203.0.113.9"))
                .setRemotePort(4_000)
                .setOwner(SocketOwner.newBuilder().setPid(7).setCommand("curl").build())
                .setStartedAt(now.minusSeconds(2))
                .setObservedAt(now)
                .setBytesAcked(700)
                .setState(ConnectionState.CLOSED)
                .setCloseReason(CloseReason.FIN);
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                NatatorSerdes.fingerprint().serializer(),
                NatatorSerdes.connectionSnapshot().serializer())) {
            producer.send(new ProducerRecord<>("natator.connections", 1L, half.build()))
                    .get();
        }
    }

    private static ByteBuffer address(String text) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(text).getAddress());
    }
}
