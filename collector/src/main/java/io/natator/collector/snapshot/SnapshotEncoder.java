package io.natator.collector.snapshot;

import io.natator.bpf.SocketRecord;
import io.natator.collector.filter.SocketFilter;
import io.natator.collector.owner.Owner;
import io.natator.collector.owner.OwnerResolver;
import io.natator.collector.peer.LocalPeers;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.NatatorSerdes;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Filters kernel records and encodes them for Kafka. Only one thread at a time is allowed to call {@link #accepts} and
 * {@link #encode}; any thread can call the other methods.
 */
public final class SnapshotEncoder {
    private static final Logger log = LoggerFactory.getLogger(SnapshotEncoder.class);

    private final String topic;
    private final SocketFilter filter;
    private final OwnerResolver owners;
    private final SnapshotMapper mapper;
    private final LocalPeers peers = new LocalPeers();
    private final Serializer<Long> keys = NatatorSerdes.fingerprint().serializer();
    private final Serializer<ConnectionSnapshot> values;
    private final Map<SocketFilter.Reason, AtomicLong> filtered = new EnumMap<>(SocketFilter.Reason.class);
    private final AtomicLong unencodable = new AtomicLong();

    /**
     * Creates an encoder for the records of one topic.
     *
     * @param values serializes snapshots
     */
    public SnapshotEncoder(
            String topic,
            Serializer<ConnectionSnapshot> values,
            SocketFilter filter,
            OwnerResolver owners,
            SnapshotMapper mapper) {
        this.topic = topic;
        this.values = values;
        this.filter = filter;
        this.owners = owners;
        this.mapper = mapper;
        for (SocketFilter.Reason reason : SocketFilter.Reason.values()) {
            filtered.put(reason, new AtomicLong());
        }
    }

    /** Returns whether the filter includes the record. Counts the record if it is excluded. */
    public boolean accepts(SocketRecord socket) {
        Optional<SocketFilter.Reason> reason = filter.exclusion(socket);
        reason.ifPresent(excluded -> filtered(excluded).incrementAndGet());
        return reason.isEmpty();
    }

    /**
     * Returns the record to send to Kafka. If the kernel's record cannot be encoded, logs and counts this, and returns
     * null.
     */
    public @Nullable ProducerRecord<byte[], byte[]> encode(SocketRecord socket) {
        try {
            SocketRecord.Owner peer = peers.of(socket);
            ConnectionSnapshot snapshot = mapper.snapshot(
                    socket,
                    resolved(socket.owner(), socket),
                    peer == null ? null : SnapshotMapper.owner(peer, resolved(peer, socket)));
            return new ProducerRecord<>(
                    topic, keys.serialize(topic, mapper.key(socket)), values.serialize(topic, snapshot));
        } catch (SerializationException e) {
            log.atLevel(unencodable.getAndIncrement() == 0 ? Level.WARN : Level.DEBUG)
                    .addKeyValue("event", socket.event())
                    .addKeyValue("reason", e.getMessage())
                    .log("Could not encode a record of the kernel; it is dropped and counted");
            return null;
        }
    }

    /** Returns the resolver of the sockets' owners. */
    public OwnerResolver owners() {
        return owners;
    }

    /** The owner at either end. Its process had started before the connection began. */
    private Owner resolved(SocketRecord.Owner owner, SocketRecord connection) {
        return owners.resolve(owner.cgroupId(), owner.pid(), connection.id().startNanos());
    }

    /** Finds the other end of UDP flows. */
    public LocalPeers peers() {
        return peers;
    }

    /** Returns how many records the filter has excluded for this reason. */
    public long filteredFor(SocketFilter.Reason reason) {
        return filtered(reason).get();
    }

    /** Returns how many records could not be encoded. */
    public long unencodable() {
        return unencodable.get();
    }

    private AtomicLong filtered(SocketFilter.Reason reason) {
        return Objects.requireNonNull(filtered.get(reason), "a counter for every reason");
    }
}
