package io.natator.topology.cluster;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.SocketOwner;
import io.natator.topology.Snapshots;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.LongSerializer;

/**
 * Sends reports of connections with growing counters, as collectors do. The counters are cumulative, so a report that
 * is sent twice changes nothing. Connections within the cluster are reported by both ends, connections to external
 * addresses only by the client.
 */
final class Traffic implements AutoCloseable {
    private static final int TO_CLIENT = 5;
    private static final int CLIENTS = 20;
    private static final int OUTSIDE = 24;
    private static final int PREFIXES = 6;

    private final KafkaProducer<Long, ConnectionSnapshot> producer;
    private final String topic;
    private final int connections;
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private long bytes;

    Traffic(String bootstrapServers, String prefix, int connections) {
        this.connections = connections;
        topic = prefix + "connections";
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        // At most one request at a time, as in the collector. Otherwise the second batch of a new
                        // partition can arrive before the first one, and the broker refuses every retry of the first
                        // batch (KAFKA-19880).
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                        1,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        180_000),
                new LongSerializer(),
                NatatorSerdes.connectionSnapshot().serializer());
    }

    /** Adds bytes to every connection, and reports all connections until Kafka has acknowledged every report. */
    void grow(long by) {
        bytes += by;
        while (!report()) {
            System.out.println("Traffic: not all reports arrived: they are sent again");
        }
    }

    private boolean report() {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        for (long i = 0; i < connections; i++) {
            ConnectionSnapshot.Builder client =
                    Snapshots.client(i).setBytesAcked(bytes).setOwner(process("client-" + i % CLIENTS));
            ConnectionSnapshot.Builder server = Snapshots.server(i).setBytesAcked(TO_CLIENT * bytes);
            for (ConnectionSnapshot.Builder half : List.of(client, server)) {
                half.setStartedAt(started).setObservedAt(now);
                half.setRemoteAddress(Snapshots.address("10.0.0.9"));
                sent.add(producer.send(new ProducerRecord<>(topic, i * 0x9E3779B97F4A7C15L, half.build())));
            }
        }
        for (long i = 0; i < OUTSIDE; i++) {
            ConnectionSnapshot.Builder client = Snapshots.client(connections + i)
                    .setRemoteAddress(Snapshots.address("198.51." + i % PREFIXES + "." + i))
                    .setBytesAcked(bytes)
                    .setStartedAt(started)
                    .setObservedAt(now);
            sent.add(producer.send(
                    new ProducerRecord<>(topic, (connections + i) * 0x9E3779B97F4A7C15L, client.build())));
        }
        producer.flush();
        return sent.stream().allMatch(report -> report.state() == Future.State.SUCCESS);
    }

    private static SocketOwner process(String command) {
        return SocketOwner.newBuilder().setCommand(command).build();
    }

    /** Payload bytes of all connections so far, in both directions. */
    long totalBytes() {
        return connections * bytes * (1 + TO_CLIENT) + OUTSIDE * bytes;
    }

    long links() {
        return (long) Math.min(connections, CLIENTS) + OUTSIDE;
    }

    @Override
    public void close() {
        producer.close();
    }
}
