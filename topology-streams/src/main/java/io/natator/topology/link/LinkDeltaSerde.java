package io.natator.topology.link;

import io.natator.schemas.AvroSerde;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes deltas to the repartition topic as Avro, so that an upgraded application can read the deltas of an earlier
 * version. Thread-safe.
 */
public final class LinkDeltaSerde implements Serde<LinkDelta> {
    private final AvroSerde<StoredLinkDelta> avro = AvroSerde.of(StoredLinkDelta.getClassSchema());

    @Override
    public Serializer<LinkDelta> serializer() {
        return (topic, delta) -> delta == null ? null : encode(delta);
    }

    @Override
    public Deserializer<LinkDelta> deserializer() {
        return (topic, bytes) -> bytes == null ? null : decode(bytes);
    }

    byte[] encode(LinkDelta delta) {
        return avro.encode(StoredLinkDelta.newBuilder()
                .setFrom(delta.span().from())
                .setUntil(delta.span().until())
                .setBytesToServer(delta.traffic().bytesToServer())
                .setBytesToClient(delta.traffic().bytesToClient())
                .setSegmentsToServer(delta.traffic().segmentsToServer())
                .setSegmentsToClient(delta.traffic().segmentsToClient())
                .setConnectionsOpened(delta.connections().opened())
                .setConnectionsClosed(delta.connections().closed())
                .setConnectionsFailed(delta.connections().failed())
                .setConnectionsMoved(delta.connections().moved())
                .setFailure(delta.failure())
                .setRetransmits(delta.quality().retransmits())
                .setRttSamples(delta.quality().rttSamples())
                .setDurationMicros(delta.quality().durationMicros())
                .setClientOwner(delta.labels().clientOwner())
                .setDialledPort(delta.labels().dialledPort())
                .build());
    }

    LinkDelta decode(byte[] bytes) {
        StoredLinkDelta stored = avro.decode(bytes);
        return new LinkDelta(
                TimeSpan.from(stored.getFrom()).until(stored.getUntil()),
                Traffic.builder()
                        .bytesToServer(stored.getBytesToServer())
                        .bytesToClient(stored.getBytesToClient())
                        .segmentsToServer(stored.getSegmentsToServer())
                        .segmentsToClient(stored.getSegmentsToClient())
                        .build(),
                ConnectionCounts.builder()
                        .opened(stored.getConnectionsOpened())
                        .closed(stored.getConnectionsClosed())
                        .failed(stored.getConnectionsFailed())
                        .moved(stored.getConnectionsMoved())
                        .build(),
                stored.getFailure(),
                new Quality(stored.getRetransmits(), stored.getRttSamples(), stored.getDurationMicros()),
                new CarettaLabels(stored.getClientOwner(), stored.getDialledPort()));
    }
}
