package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * The layout of the map of sums per address pair: {@code natator_fold_key} and {@code natator_fold_value} of
 * record_layout.h, member by member.
 */
final class FoldLayout {
    /**
     * The properties that all connections of a sum have in common.
     *
     * @param connection the two ends; the client's port is 0, because a sum covers many client ports
     */
    record Key(long cgroupId, SocketRecord.Connection connection) {}

    static final StructLayout KEY = MemoryLayout.structLayout(
                    JAVA_LONG.withName("cgroup_id"),
                    RecordLayout.ADDRESS.withName("local_address"),
                    RecordLayout.ADDRESS.withName("remote_address"),
                    JAVA_INT.withName("network_namespace"),
                    JAVA_SHORT.withName("server_port"),
                    JAVA_BYTE.withName("role"),
                    JAVA_BYTE.withName("protocol"))
            .withName("natator_fold_key");

    static final StructLayout VALUE = MemoryLayout.structLayout(
                    JAVA_LONG.withName("start_nanos"),
                    JAVA_LONG.withName("observed_nanos"),
                    JAVA_LONG.withName("bytes_sent"),
                    JAVA_LONG.withName("bytes_acked"),
                    JAVA_LONG.withName("bytes_received"),
                    JAVA_LONG.withName("segments_sent"),
                    JAVA_LONG.withName("segments_received"),
                    JAVA_LONG.withName("retransmits"),
                    JAVA_LONG.withName("connections"),
                    JAVA_INT.withName("pid"),
                    JAVA_INT.withName("mixed"),
                    RecordLayout.COMMAND.withName("command"))
            .withName("natator_fold_value");

    private static final StructField CGROUP = StructField.of(KEY, "cgroup_id");
    private static final StructField LOCAL_ADDRESS = StructField.of(KEY, "local_address");
    private static final StructField REMOTE_ADDRESS = StructField.of(KEY, "remote_address");
    private static final StructField NETWORK_NAMESPACE = StructField.of(KEY, "network_namespace");
    private static final StructField SERVER_PORT = StructField.of(KEY, "server_port");
    private static final StructField ROLE = StructField.of(KEY, "role");
    private static final StructField PROTOCOL = StructField.of(KEY, "protocol");

    private static final StructField START = StructField.of(VALUE, "start_nanos");
    private static final StructField OBSERVED = StructField.of(VALUE, "observed_nanos");
    private static final StructField SENT = StructField.of(VALUE, "bytes_sent");
    private static final StructField ACKED = StructField.of(VALUE, "bytes_acked");
    private static final StructField RECEIVED = StructField.of(VALUE, "bytes_received");
    private static final StructField SEGMENTS_SENT = StructField.of(VALUE, "segments_sent");
    private static final StructField SEGMENTS_RECEIVED = StructField.of(VALUE, "segments_received");
    private static final StructField RETRANSMITS = StructField.of(VALUE, "retransmits");
    private static final StructField CONNECTIONS = StructField.of(VALUE, "connections");
    private static final StructField PID = StructField.of(VALUE, "pid");
    private static final StructField MIXED = StructField.of(VALUE, "mixed");
    private static final StructField COMMAND = StructField.of(VALUE, "command");

    private static final Role[] ROLES = Role.values();

    private FoldLayout() {}

    static Key key(MemorySegment key) {
        Role role = ROLES[ROLE.unsignedByte(key)];
        int serverPort = SERVER_PORT.unsignedShort(key);
        boolean server = role == Role.SERVER;
        return new Key(
                CGROUP.longValue(key),
                new SocketRecord.Connection(
                        PROTOCOL.unsignedByte(key),
                        role,
                        0,
                        new Endpoint(LOCAL_ADDRESS.address(key), server ? serverPort : 0),
                        new Endpoint(REMOTE_ADDRESS.address(key), server ? 0 : serverPort),
                        NETWORK_NAMESPACE.unsignedInt(key)));
    }

    /** Returns the owner of a sum. The process is unknown if the sum has connections of several processes. */
    private static SocketRecord.Owner owner(Key key, MemorySegment value) {
        return MIXED.unsignedInt(value) == 0
                ? new SocketRecord.Owner(
                        key.cgroupId(), (int) PID.unsignedInt(value), COMMAND.text(value, RecordLayout.COMMAND_BYTES))
                : new SocketRecord.Owner(key.cgroupId(), 0, "");
    }

    /** Returns the record of a sum. It has no cookie, no fingerprint and no round-trip times. */
    static SocketRecord folded(Key key, MemorySegment value) {
        return new SocketRecord(
                Event.FOLDED,
                ConnectionId.ofCookie(0).startedAt(START.longValue(value)),
                key.connection(),
                owner(key, value),
                Counters.builder()
                        .bytesSent(SENT.longValue(value))
                        .bytesAcked(ACKED.longValue(value))
                        .bytesReceived(RECEIVED.longValue(value))
                        .segmentsSent(SEGMENTS_SENT.longValue(value))
                        .segmentsReceived(SEGMENTS_RECEIVED.longValue(value))
                        .retransmits(RETRANSMITS.longValue(value))
                        .connections(CONNECTIONS.longValue(value))
                        .build(),
                SocketRecord.Quality.UNKNOWN,
                new SocketRecord.Lifecycle(OBSERVED.longValue(value), CloseReason.UNKNOWN));
    }
}
