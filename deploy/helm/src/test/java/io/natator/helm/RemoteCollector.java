package io.natator.helm;

import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import io.natator.schemas.Topic;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Writes snapshots like the collector of another node whose pods have connections to external addresses. The real
 * collector cannot report these, because it observes both ends of each connection on this machine, so that no end is
 * external.
 */
final class RemoteCollector implements AutoCloseable {
    private final KafkaProducer<Long, ConnectionSnapshot> producer;
    private final String node;
    private final Instant startedAt = Instant.now();
    private long rounds;

    RemoteCollector(String bootstrapServers, String node) {
        this.node = node;
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                NatatorSerdes.fingerprint().serializer(),
                NatatorSerdes.connectionSnapshot().serializer());
    }

    /** Adds a connection of a pod to an external address. Each report has higher counters. */
    void connectsToOutside(String podUid, String pod, String outside) {
        report(1, half(Role.CLIENT, podUid, pod, 40_000, outside, 443));
    }

    /** Adds a connection of an external address to a pod. */
    void isConnectedFromOutside(String podUid, String pod, String outside) {
        report(2, half(Role.SERVER, podUid, pod, 443, outside, 50_000));
    }

    private ConnectionSnapshot.Builder half(
            Role role, String podUid, String local, int localPort, String remote, int remotePort) {
        return ConnectionSnapshot.newBuilder()
                .setRole(role)
                .setLocalAddress(address(local))
                .setLocalPort(localPort)
                .setRemoteAddress(address(remote))
                .setRemotePort(remotePort)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("app")
                        .setPodUid(podUid)
                        .build());
    }

    private void report(long connection, ConnectionSnapshot.Builder half) {
        rounds++;
        Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(
                Topic.CONNECTIONS.name(Topic.DEFAULT_PREFIX),
                connection,
                half.setNode(node)
                        .setBootId("a boot of " + node)
                        .setSocketCookie(connection)
                        .setProtocol(Protocol.TCP)
                        .setState(ConnectionState.OPEN)
                        .setCloseReason(CloseReason.NONE)
                        .setStartedAt(startedAt)
                        .setObservedAt(Instant.now())
                        .setBytesSent(rounds * 1_000)
                        .setBytesAcked(rounds * 1_000)
                        .setBytesReceived(rounds * 3_000)
                        .setSegmentsSent(rounds * 2)
                        .setSegmentsReceived(rounds * 3)
                        .setRetransmits(rounds)
                        .setSmoothedRttMicros(20_000)
                        .build()));
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ByteBuffer address(String text) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(text).getAddress());
    }

    @Override
    public void close() {
        producer.close();
    }
}
