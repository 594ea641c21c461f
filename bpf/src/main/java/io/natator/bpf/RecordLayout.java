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

/** The layouts of {@code natator_record} and {@code natator_spill_key} of record_layout.h, member by member. */
final class RecordLayout {
    /** The version of the record layout: {@code NATATOR_LAYOUT_VERSION} in record_layout.h. */
    static final int VERSION = 4;

    static final int COMMAND_BYTES = 16;
    private static final int ADDRESS_BYTES = 16;

    static final MemoryLayout ADDRESS = MemoryLayout.sequenceLayout(ADDRESS_BYTES / 4, JAVA_INT);
    static final MemoryLayout COMMAND = MemoryLayout.sequenceLayout(COMMAND_BYTES, JAVA_BYTE);

    static final StructLayout RECORD = MemoryLayout.structLayout(
                    JAVA_LONG.withName("cookie"),
                    JAVA_LONG.withName("start_nanos"),
                    JAVA_LONG.withName("observed_nanos"),
                    JAVA_LONG.withName("fingerprint"),
                    JAVA_LONG.withName("cgroup_id"),
                    JAVA_LONG.withName("bytes_sent"),
                    JAVA_LONG.withName("bytes_acked"),
                    JAVA_LONG.withName("bytes_received"),
                    ADDRESS.withName("local_address"),
                    ADDRESS.withName("remote_address"),
                    JAVA_INT.withName("network_namespace"),
                    JAVA_INT.withName("pid"),
                    JAVA_INT.withName("segments_sent"),
                    JAVA_INT.withName("segments_received"),
                    JAVA_INT.withName("retransmits"),
                    JAVA_INT.withName("smoothed_rtt_micros"),
                    JAVA_INT.withName("min_rtt_micros"),
                    JAVA_SHORT.withName("local_port"),
                    JAVA_SHORT.withName("remote_port"),
                    COMMAND.withName("command"),
                    JAVA_BYTE.withName("event"),
                    JAVA_BYTE.withName("protocol"),
                    JAVA_BYTE.withName("role"),
                    JAVA_BYTE.withName("close_reason"),
                    JAVA_INT.withName("reserved"))
            .withName("natator_record");

    static final StructLayout SPILL_KEY = MemoryLayout.structLayout(
                    JAVA_LONG.withName("cookie"), JAVA_LONG.withName("start_nanos"))
            .withName("natator_spill_key");

    private static final StructField COOKIE = StructField.of(RECORD, "cookie");
    private static final StructField START = StructField.of(RECORD, "start_nanos");
    private static final StructField OBSERVED = StructField.of(RECORD, "observed_nanos");
    private static final StructField FINGERPRINT = StructField.of(RECORD, "fingerprint");
    private static final StructField CGROUP = StructField.of(RECORD, "cgroup_id");
    private static final StructField SENT = StructField.of(RECORD, "bytes_sent");
    private static final StructField ACKED = StructField.of(RECORD, "bytes_acked");
    private static final StructField RECEIVED = StructField.of(RECORD, "bytes_received");
    private static final StructField LOCAL_ADDRESS = StructField.of(RECORD, "local_address");
    private static final StructField REMOTE_ADDRESS = StructField.of(RECORD, "remote_address");
    private static final StructField NETWORK_NAMESPACE = StructField.of(RECORD, "network_namespace");
    private static final StructField PID = StructField.of(RECORD, "pid");
    private static final StructField SEGMENTS_SENT = StructField.of(RECORD, "segments_sent");
    private static final StructField SEGMENTS_RECEIVED = StructField.of(RECORD, "segments_received");
    private static final StructField RETRANSMITS = StructField.of(RECORD, "retransmits");
    private static final StructField SMOOTHED_RTT = StructField.of(RECORD, "smoothed_rtt_micros");
    private static final StructField MIN_RTT = StructField.of(RECORD, "min_rtt_micros");
    private static final StructField LOCAL_PORT = StructField.of(RECORD, "local_port");
    private static final StructField REMOTE_PORT = StructField.of(RECORD, "remote_port");
    private static final StructField COMMAND_NAME = StructField.of(RECORD, "command");
    private static final StructField EVENT = StructField.of(RECORD, "event");
    private static final StructField PROTOCOL = StructField.of(RECORD, "protocol");
    private static final StructField ROLE = StructField.of(RECORD, "role");
    private static final StructField CLOSE_REASON = StructField.of(RECORD, "close_reason");

    /** The event of a close: {@code NATATOR_CLOSED} in record_layout.h. */
    private static final int CLOSED = 2;

    /** The close reason of an idle flow: {@code NATATOR_REASON_IDLE} in record_layout.h. */
    private static final int IDLE = 8;

    private static final Event[] EVENTS = Event.values();
    private static final Role[] ROLES = Role.values();
    private static final CloseReason[] CLOSE_REASONS = CloseReason.values();

    private RecordLayout() {}

    /** Converts a {@code natator_record} in memory into a {@link SocketRecord}. */
    static SocketRecord socket(MemorySegment record) {
        return new SocketRecord(
                EVENTS[EVENT.unsignedByte(record)],
                id(record),
                new SocketRecord.Connection(
                        PROTOCOL.unsignedByte(record),
                        ROLES[ROLE.unsignedByte(record)],
                        FINGERPRINT.longValue(record),
                        new Endpoint(LOCAL_ADDRESS.address(record), LOCAL_PORT.unsignedShort(record)),
                        new Endpoint(REMOTE_ADDRESS.address(record), REMOTE_PORT.unsignedShort(record)),
                        NETWORK_NAMESPACE.unsignedInt(record)),
                new SocketRecord.Owner(
                        CGROUP.longValue(record),
                        (int) PID.unsignedInt(record),
                        COMMAND_NAME.text(record, COMMAND_BYTES)),
                counters(record),
                SocketRecord.Quality.UNKNOWN
                        .withSmoothedRttMicros(SMOOTHED_RTT.unsignedInt(record))
                        .withMinRttMicros(MIN_RTT.unsignedInt(record)),
                new SocketRecord.Lifecycle(
                        OBSERVED.longValue(record), CLOSE_REASONS[CLOSE_REASON.unsignedByte(record)]));
    }

    private static ConnectionId id(MemorySegment record) {
        return ConnectionId.ofCookie(COOKIE.longValue(record)).startedAt(START.longValue(record));
    }

    private static Counters counters(MemorySegment record) {
        return Counters.builder()
                .bytesSent(SENT.longValue(record))
                .bytesAcked(ACKED.longValue(record))
                .bytesReceived(RECEIVED.longValue(record))
                .segmentsSent(SEGMENTS_SENT.unsignedInt(record))
                .segmentsReceived(SEGMENTS_RECEIVED.unsignedInt(record))
                .retransmits(RETRANSMITS.unsignedInt(record))
                .build();
    }

    /**
     * Whether the selection wants a record. This is faster than {@link #socket}, because it reads only the id and the
     * counters.
     */
    static boolean isWanted(MemorySegment record, SocketSource.LiveSelection selection) {
        return selection.wants(id(record), counters(record));
    }

    /** Changes the record of an open UDP flow into the record of the flow's end. */
    static void end(MemorySegment record) {
        record.set(JAVA_BYTE, EVENT.offset(), (byte) CLOSED);
        record.set(JAVA_BYTE, CLOSE_REASON.offset(), (byte) IDLE);
    }

    /** Sets the time at which the record's counters were read, in nanoseconds since boot. */
    static void observe(MemorySegment record, long nanos) {
        record.set(JAVA_LONG, OBSERVED.offset(), nanos);
    }

    /** Returns the time at which the record's counters were read, in nanoseconds since boot. */
    static long observedNanos(MemorySegment record) {
        return OBSERVED.longValue(record);
    }
}
