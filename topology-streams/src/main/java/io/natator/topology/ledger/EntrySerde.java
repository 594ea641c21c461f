package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.NameKind;
import io.natator.schemas.Protocol;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.Endpoint;
import io.natator.topology.identity.NameSource;
import io.natator.topology.identity.NameSources;
import io.natator.topology.identity.OwnerName;
import io.natator.topology.identity.SocketProcess;
import io.natator.topology.link.ConnectionCounts;
import io.natator.topology.link.Traffic;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Stores ledger entries as Avro, so that an upgraded application can read the entries of an earlier version. */
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
        return StoredEntry.newBuilder()
                .setStage(entry.stage())
                .setClient(stored(entry.client()))
                .setServer(stored(entry.server()))
                .setLink(
                        entry.link() == null
                                ? null
                                : ByteBuffer.wrap(entry.link().get()))
                .setCanImprove(entry.assignment().canImprove())
                .setClientSource(stored(entry.assignment().sources().client()))
                .setServerSource(stored(entry.assignment().sources().server()))
                .setOnlyOneHalf(entry.assignment().onlyOneHalf())
                .setAttributed(stored(entry.attributed()))
                .setAtLastEvent(
                        entry.atLastEvent().equals(AttributedCounters.NONE) ? null : stored(entry.atLastEvent()))
                .setRttSamples(entry.rttSamples())
                .setFirstReportedAt(entry.timers().firstReportedAt())
                .setLastReportedAt(entry.lastReportedAt())
                .setDueAt(entry.dueAt())
                .build();
    }

    private static @Nullable StoredHalf stored(@Nullable Half half) {
        if (half == null) {
            return null;
        }
        HalfCounters counters = half.counters();
        ConnectionEnd end = half.end();
        return StoredHalf.newBuilder()
                .setSocket(half.socket())
                .setStartedAt(half.lifecycle().startedAt())
                .setObservedAt(counters.observedAt())
                .setBytesAcked(counters.bytesAcked())
                .setBytesReceived(counters.bytesReceived())
                .setSegmentsSent(counters.segmentsSent())
                .setSegmentsReceived(counters.segmentsReceived())
                .setRetransmits(counters.retransmits())
                .setPhase(half.phase())
                .setFailure(half.lifecycle().failure())
                .setConnections(counters.connections())
                .setPid(end == null ? 0 : end.process().pid())
                .setContainerId(end == null ? null : end.process().containerId())
                .setEndpoint(end == null ? null : stored(end))
                .build();
    }

    private static StoredEndpoint stored(ConnectionEnd end) {
        return StoredEndpoint.newBuilder()
                .setCluster(end.process().cluster())
                .setNode(end.process().node())
                .setCommand(end.process().command())
                .setName(end.process().name().name())
                .setNameKind(end.process().name().kind().name())
                .setPodUid(end.podUid())
                .setProtocol(end.protocol().name())
                .setLocalAddress(end.local().address())
                .setLocalPort(end.local().port())
                .setRemoteAddress(end.remote().address())
                .setRemotePort(end.remote().port())
                .build();
    }

    private static StoredCounters stored(AttributedCounters counters) {
        return StoredCounters.newBuilder()
                .setBytesToServer(counters.traffic().bytesToServer())
                .setBytesToClient(counters.traffic().bytesToClient())
                .setSegmentsToServer(counters.traffic().segmentsToServer())
                .setSegmentsToClient(counters.traffic().segmentsToClient())
                .setClientRetransmits(counters.clientRetransmits())
                .setServerRetransmits(counters.serverRetransmits())
                .setOpened(counters.connections().opened())
                .setClosed(counters.connections().closed())
                .setFailed(counters.connections().failed())
                .setUntil(counters.until())
                .build();
    }

    private static Entry entry(StoredEntry stored) {
        StoredCounters atLastEvent = stored.getAtLastEvent();
        ByteBuffer link = stored.getLink();
        return new Entry(
                stored.getStage(),
                new Halves(half(stored.getClient()), half(stored.getServer())),
                new LinkAssignment(
                        link == null ? null : Bytes.wrap(IpAddresses.bytes(link)),
                        stored.getOnlyOneHalf(),
                        stored.getCanImprove(),
                        new NameSources(source(stored.getClientSource()), source(stored.getServerSource()))),
                counters(stored.getAttributed()),
                atLastEvent == null ? AttributedCounters.NONE : counters(atLastEvent),
                stored.getRttSamples(),
                Timers.firstReportedAt(stored.getFirstReportedAt())
                        .reportedAt(stored.getLastReportedAt())
                        .dueAt(stored.getDueAt()));
    }

    private static StoredNameSource stored(NameSource source) {
        return switch (source) {
            case UNKNOWN -> StoredNameSource.UNKNOWN;
            case UNIDENTIFIED -> StoredNameSource.UNIDENTIFIED;
            case ADDRESS_OWNER -> StoredNameSource.ADDRESS_OWNER;
            case HOST -> StoredNameSource.HOST;
            case POD -> StoredNameSource.POD;
        };
    }

    private static NameSource source(StoredNameSource stored) {
        return switch (stored) {
            case UNKNOWN -> NameSource.UNKNOWN;
            case UNIDENTIFIED -> NameSource.UNIDENTIFIED;
            case ADDRESS_OWNER -> NameSource.ADDRESS_OWNER;
            case HOST -> NameSource.HOST;
            case POD -> NameSource.POD;
        };
    }

    private static AttributedCounters counters(StoredCounters stored) {
        return AttributedCounters.builder()
                .traffic(Traffic.builder()
                        .bytesToServer(stored.getBytesToServer())
                        .bytesToClient(stored.getBytesToClient())
                        .segmentsToServer(stored.getSegmentsToServer())
                        .segmentsToClient(stored.getSegmentsToClient())
                        .build())
                .connections(ConnectionCounts.builder()
                        .opened(stored.getOpened())
                        .closed(stored.getClosed())
                        .failed(stored.getFailed())
                        .build())
                .clientRetransmits(stored.getClientRetransmits())
                .serverRetransmits(stored.getServerRetransmits())
                .until(stored.getUntil())
                .build();
    }

    private static @Nullable Half half(@Nullable StoredHalf stored) {
        if (stored == null) {
            return null;
        }
        return new Half(
                stored.getSocket(),
                new Lifecycle(stored.getStartedAt(), stored.getPhase(), stored.getFailure()),
                HalfCounters.builder()
                        .observedAt(stored.getObservedAt())
                        .bytesAcked(stored.getBytesAcked())
                        .bytesReceived(stored.getBytesReceived())
                        .segmentsSent(stored.getSegmentsSent())
                        .segmentsReceived(stored.getSegmentsReceived())
                        .retransmits(stored.getRetransmits())
                        .connections(stored.getConnections())
                        .build(),
                end(stored));
    }

    private static @Nullable ConnectionEnd end(StoredHalf half) {
        StoredEndpoint stored = half.getEndpoint();
        if (stored == null) {
            return null;
        }
        return new ConnectionEnd(
                new SocketProcess(
                        stored.getCluster(),
                        stored.getNode(),
                        stored.getCommand(),
                        stored.getPodUid(),
                        half.getPid(),
                        half.getContainerId(),
                        new OwnerName(stored.getName(), NameKind.valueOf(stored.getNameKind()))),
                Protocol.valueOf(stored.getProtocol()),
                new Endpoint(stored.getLocalAddress(), stored.getLocalPort()),
                new Endpoint(stored.getRemoteAddress(), stored.getRemotePort()));
    }
}
