package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.Protocol;
import io.natator.topology.identity.Endpoint;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Ledger entries as Avro, so that an upgraded application reads what its predecessor stored. */
final class EntrySerde implements Serde<Entry> {
    private final AvroSerde<StoredEntry> avro = AvroSerde.of(StoredEntry.getClassSchema());

    @Override
    public Serializer<Entry> serializer() {
        return (topic, entry) -> entry == null ? null : avro.encode(stored(entry));
    }

    @Override
    public Deserializer<Entry> deserializer() {
        return (topic, bytes) -> bytes == null ? null : entry(avro.decode(bytes));
    }

    private static StoredEntry stored(Entry entry) {
        return new StoredEntry(
                entry.stage(),
                stored(entry.client()),
                stored(entry.server()),
                entry.link() == null ? null : ByteBuffer.wrap(entry.link().get()),
                entry.alone(),
                stored(entry.counted()),
                entry.reported().equals(Counted.NOTHING) ? null : stored(entry.reported()),
                entry.rttSamples(),
                entry.heardAt(),
                entry.dueAt());
    }

    private static @Nullable StoredHalf stored(@Nullable Half half) {
        if (half == null) {
            return null;
        }
        return new StoredHalf(
                half.socket(),
                half.startedAt(),
                half.observedAt(),
                half.bytesAcked(),
                half.bytesReceived(),
                half.segmentsSent(),
                half.segmentsReceived(),
                half.retransmits(),
                half.phase(),
                half.failure(),
                half.connections(),
                half.pid(),
                half.containerId(),
                stored(half.endpoint()));
    }

    private static @Nullable StoredEndpoint stored(@Nullable Endpoint end) {
        if (end == null) {
            return null;
        }
        return new StoredEndpoint(
                end.node(),
                end.command(),
                end.podUid(),
                end.protocol().name(),
                end.localAddress(),
                end.localPort(),
                end.remoteAddress(),
                end.remotePort());
    }

    private static Entry entry(StoredEntry stored) {
        StoredCounted reported = stored.getReported();
        return new Entry(
                stored.getStage(),
                half(stored.getClient()),
                half(stored.getServer()),
                bytes(stored.getLink()),
                stored.getAlone(),
                counted(stored.getCounted()),
                stored.getRttSamples(),
                stored.getHeardAt(),
                stored.getDueAt(),
                reported == null ? Counted.NOTHING : counted(reported));
    }

    private static StoredCounted stored(Counted counted) {
        return new StoredCounted(
                counted.bytesToServer(),
                counted.bytesToClient(),
                counted.segmentsToServer(),
                counted.segmentsToClient(),
                counted.clientRetransmits(),
                counted.serverRetransmits(),
                counted.opened(),
                counted.closed(),
                counted.failed(),
                counted.until());
    }

    private static Counted counted(StoredCounted counted) {
        return new Counted(
                counted.getBytesToServer(),
                counted.getBytesToClient(),
                counted.getSegmentsToServer(),
                counted.getSegmentsToClient(),
                counted.getClientRetransmits(),
                counted.getServerRetransmits(),
                counted.getOpened(),
                counted.getClosed(),
                counted.getFailed(),
                counted.getUntil());
    }

    private static @Nullable Bytes bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = IpAddresses.bytes(buffer);
        return Bytes.wrap(bytes);
    }

    private static @Nullable Half half(@Nullable StoredHalf stored) {
        if (stored == null) {
            return null;
        }
        return new Half(
                stored.getSocket(),
                stored.getStartedAt(),
                stored.getObservedAt(),
                stored.getBytesAcked(),
                stored.getBytesReceived(),
                stored.getSegmentsSent(),
                stored.getSegmentsReceived(),
                stored.getRetransmits(),
                stored.getPhase(),
                stored.getFailure(),
                stored.getConnections(),
                endpoint(stored.getEndpoint()),
                stored.getPid(),
                stored.getContainerId());
    }

    private static @Nullable Endpoint endpoint(@Nullable StoredEndpoint stored) {
        if (stored == null) {
            return null;
        }
        return new Endpoint(
                stored.getNode(),
                stored.getCommand(),
                stored.getPodUid(),
                Protocol.valueOf(stored.getProtocol()),
                stored.getLocalAddress(),
                stored.getLocalPort(),
                stored.getRemoteAddress(),
                stored.getRemotePort());
    }
}
