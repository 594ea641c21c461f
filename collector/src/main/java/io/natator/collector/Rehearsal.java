package io.natator.collector;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketBatch;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketSource;
import io.natator.bpf.SocketSourceStatistics;
import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.SystemCalls;
import io.natator.collector.handover.KafkaSender;
import io.natator.collector.snapshot.BootClock;
import io.natator.collector.snapshot.SnapshotEncoder;
import io.natator.collector.snapshot.SnapshotMapper;
import io.natator.http.FreePort;
import io.natator.http.logging.ServiceLogging;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The training run for the AOT cache of the container images ({@code deploy/images/train}). The cache contains the
 * classes that this run loads. It runs the collector for 4 s with one invented connection, without Kafka and without
 * privileges. It has the same options as the collector.
 */
final class Rehearsal {
    private static final Duration RUN = Duration.ofSeconds(4);
    private static final SocketRecord CONNECTION = new SocketRecord(
            SocketRecord.Event.CLOSED,
            ConnectionId.ofCookie(1).startedAt(1),
            new SocketRecord.Connection(
                    6,
                    SocketRecord.Role.CLIENT,
                    3,
                    new Endpoint(InetAddress.ofLiteral("192.0.2.1"), 40_000),
                    new Endpoint(InetAddress.ofLiteral("2001:db8::1"), 443),
                    1),
            new SocketRecord.Owner(1, 1, "rehearsal"),
            Counters.builder()
                    .bytesSent(1)
                    .bytesAcked(1)
                    .bytesReceived(1)
                    .segmentsSent(1)
                    .segmentsReceived(1)
                    .build(),
            SocketRecord.Quality.UNKNOWN.withSmoothedRttMicros(1).withMinRttMicros(1),
            new SocketRecord.Lifecycle(2, SocketRecord.CloseReason.FIN));

    private Rehearsal() {}

    static void main(String[] args) throws IOException {
        ServiceLogging.choose();
        int port = FreePort.find();
        var main =
                new CollectorMain(new NoKernel(), CollectorMain.writer(System.out), CollectorMain.writer(System.err));
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(RUN);
                scrape(port);
            } catch (InterruptedException | IOException cutShort) {
                System.err.println("rehearsal: /metrics not read: " + cutShort);
            }
            main.stop();
        });
        System.exit(main.run(Stream.concat(Arrays.stream(args), Stream.of("--http-port=" + port))
                .toArray(String[]::new)));
    }

    /**
     * Reads {@code /metrics} with a plain socket. An HTTP client would load classes that the collector does not use.
     */
    private static void scrape(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
            socket.getInputStream().readAllBytes();
        }
    }

    private static final class NoKernel implements KernelSide {
        @Override
        public SocketSource open(CollectorConfig config) {
            SystemCalls.bootNanos();
            try {
                BpfMap.openPinned(config.kernel().paths().pinDirectory().resolve("nothing"))
                        .close();
            } catch (BpfException | LinkageError asExpected) {
                System.err.println("rehearsal: " + asExpected.getMessage());
            }
            send(config);
            return new OneConnection();
        }

        @Override
        public void unload(Path pinDirectory) {}

        /**
         * Encodes a record and gives it to a Kafka producer that cannot reach a broker. This loads the classes that are
         * needed to send records. The collector itself sends nothing in this run, because it waits until its topic
         * exists.
         */
        private static void send(CollectorConfig config) {
            var encoder = new SnapshotEncoder(
                    Topic.CONNECTIONS.name(config.kafka().topicPrefix()),
                    TopicSerdes.of(null).connectionSnapshot().serializer(),
                    config.kernel().filter(),
                    config.kernel().paths().ownerResolver(),
                    new SnapshotMapper(config.node(), "boot", BootClock.ofThisMachine()::instant));
            ProducerRecord<byte[], byte[]> record =
                    Objects.requireNonNull(encoder.encode(CONNECTION), "a connection that can be written");
            try (var sender = new KafkaSender(() -> KafkaClients.producer(config), System::nanoTime)) {
                sender.send(record, outcome -> {});
            }
        }
    }

    private static final class OneConnection implements SocketSource {
        @Override
        public SocketBatch poll(int limit) {
            return SocketBatch.EMPTY;
        }

        @Override
        public void readLive(LiveSelection selection, Consumer<SocketRecord> consumer) {
            List.of(CONNECTION).forEach(consumer);
        }

        @Override
        public SocketSourceStatistics statistics() {
            return SocketSourceStatistics.none();
        }

        @Override
        public void close() {}
    }
}
