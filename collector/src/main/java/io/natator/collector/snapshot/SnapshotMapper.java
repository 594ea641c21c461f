package io.natator.collector.snapshot;

import io.natator.bpf.SocketRecord;
import io.natator.collector.owner.Owner;
import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Maps kernel records to keys and values of the topic {@code connections}. Pure functions, except that times depend on
 * the clock.
 */
public final class SnapshotMapper {
    private static final int TCP = 6;
    private static final int UDP = 17;

    private final CollectingNode node;
    private final String bootId;
    private final LongFunction<Instant> clock;
    private final ConnectionKeys keys;

    /**
     * Creates a mapper for the records of one boot of one node.
     *
     * @param clock converts nanoseconds since boot to wall-clock time
     */
    public SnapshotMapper(CollectingNode node, String bootId, LongFunction<Instant> clock) {
        this.node = node;
        this.bootId = bootId;
        this.clock = clock;
        this.keys = new ConnectionKeys(node.name(), bootId);
    }

    /** Returns the Kafka key of the record: its fingerprint, or a hash if it has no fingerprint. */
    public long key(SocketRecord socket) {
        return keys.keyOf(socket);
    }

    /** Returns the owner of a socket, as the records contain it. */
    static SocketOwner owner(SocketRecord.Owner socket, Owner owner) {
        return new SocketOwner(
                socket.pid(),
                socket.command(),
                socket.cgroupId(),
                owner.container().containerId(),
                owner.container().podUid(),
                owner.name().name(),
                owner.name().kind());
    }

    /** Returns the Kafka value of a record without a peer. */
    public ConnectionSnapshot snapshot(SocketRecord socket, Owner owner) {
        return snapshot(socket, owner, null);
    }

    /**
     * Returns the Kafka value of the record.
     *
     * @param peer owner of the socket at the other end; null if unknown
     */
    public ConnectionSnapshot snapshot(SocketRecord socket, Owner owner, @Nullable SocketOwner peer) {
        return new ConnectionSnapshot(
                node.name(),
                bootId,
                socketId(socket),
                protocol(socket.connection().protocol()),
                role(socket.connection().role()),
                state(socket.event()),
                closeReason(socket.lifecycle().closeReason()),
                bytes(socket.connection().local().address()),
                socket.connection().local().port(),
                bytes(socket.connection().remote().address()),
                socket.connection().remote().port(),
                socket.connection().networkNamespace(),
                owner(socket.owner(), owner),
                clock.apply(socket.id().startNanos()),
                clock.apply(socket.lifecycle().observedNanos()),
                socket.counters().bytesSent(),
                socket.counters().bytesAcked(),
                socket.counters().bytesReceived(),
                socket.counters().segmentsSent(),
                socket.counters().segmentsReceived(),
                socket.counters().retransmits(),
                socket.quality().smoothedRttMicros(),
                socket.quality().minRttMicros(),
                socket.counters().connections(),
                node.cluster().name(),
                peer);
    }

    /**
     * Returns the socket's cookie, or the start of a sum in nanoseconds since boot. A sum has no socket; its start
     * distinguishes it from a later sum of the same addresses.
     */
    private static long socketId(SocketRecord socket) {
        return socket.event() == SocketRecord.Event.FOLDED
                ? socket.id().startNanos()
                : socket.id().cookie();
    }

    private static ByteBuffer bytes(InetAddress address) {
        // InetAddress has already turned an IPv4-mapped address into an IPv4 address.
        return ByteBuffer.wrap(address.getAddress());
    }

    private static Protocol protocol(int number) {
        return switch (number) {
            case TCP -> Protocol.TCP;
            case UDP -> Protocol.UDP;
            default -> Protocol.UNKNOWN;
        };
    }

    private static Role role(SocketRecord.Role role) {
        return switch (role) {
            case UNKNOWN -> Role.UNKNOWN;
            case CLIENT -> Role.CLIENT;
            case SERVER -> Role.SERVER;
        };
    }

    private static ConnectionState state(SocketRecord.Event event) {
        return switch (event) {
            case OPENED, LIVE -> ConnectionState.OPEN;
            case CLOSED -> ConnectionState.CLOSED;
            case FAILED -> ConnectionState.FAILED;
            case FOLDED -> ConnectionState.FOLDED;
        };
    }

    private static CloseReason closeReason(SocketRecord.CloseReason reason) {
        return switch (reason) {
            case UNKNOWN -> CloseReason.UNKNOWN;
            case NONE -> CloseReason.NONE;
            case FIN -> CloseReason.FIN;
            case RESET -> CloseReason.RESET;
            case REFUSED -> CloseReason.REFUSED;
            case TIMEOUT -> CloseReason.TIMEOUT;
            case UNREACHABLE -> CloseReason.UNREACHABLE;
            case ABORTED -> CloseReason.ABORTED;
            case IDLE -> CloseReason.IDLE;
        };
    }
}
