package io.natator.collector.snapshot;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.SocketRecord;
import java.util.HashMap;
import java.util.Map;

/**
 * Decides which live connections are sent: a changed connection in every snapshot, an unchanged one once per heartbeat.
 * It stores the counters that were last sent for each live connection. An entry is removed when its connection closes,
 * or when a snapshot does not contain the connection. Not thread-safe.
 */
public final class ChangeDetection {
    /**
     * The counters that were last sent. Mutable: one object serves for the whole life of a connection. Replacing
     * objects would fill the old generation of the heap with garbage, and only full collections would remove it.
     */
    private static final class Sent {
        private long bytesSent;
        private long bytesAcked;
        private long bytesReceived;
        private long segmentsSent;
        private long segmentsReceived;
        private long retransmits;
        private long atNanos;
        private long snapshot;

        private void set(Counters counters, long nowNanos) {
            bytesSent = counters.bytesSent();
            bytesAcked = counters.bytesAcked();
            bytesReceived = counters.bytesReceived();
            segmentsSent = counters.segmentsSent();
            segmentsReceived = counters.segmentsReceived();
            retransmits = counters.retransmits();
            atNanos = nowNanos;
        }

        private boolean differs(Counters counters) {
            return bytesSent != counters.bytesSent()
                    || bytesAcked != counters.bytesAcked()
                    || bytesReceived != counters.bytesReceived()
                    || segmentsSent != counters.segmentsSent()
                    || segmentsReceived != counters.segmentsReceived()
                    || retransmits != counters.retransmits();
        }
    }

    private final long heartbeatNanos;
    private final Map<ConnectionId, Sent> sent = new HashMap<>();
    private long snapshot;

    /**
     * Starts without connections.
     *
     * @param heartbeatNanos an unchanged connection is sent again after this time at the latest
     */
    public ChangeDetection(long heartbeatNanos) {
        this.heartbeatNanos = heartbeatNanos;
    }

    /** Call it when the open of a connection is sent. */
    public void onOpened(SocketRecord socket, long nowNanos) {
        remember(socket, nowNanos);
    }

    /** Call it when a connection has ended. */
    public void onEnded(ConnectionId connection) {
        sent.remove(connection);
    }

    /** Call it when a record did not reach Kafka: the connection counts as changed in the next snapshot. */
    public void onUnsent(ConnectionId connection) {
        sent.remove(connection);
    }

    /** Call it before a snapshot, which is a pass over all live connections. */
    public void beginSnapshot() {
        snapshot++;
    }

    /**
     * Whether this live connection should be sent now. Call it for every live connection; call {@link #onSent} if it is
     * sent.
     */
    public boolean isDue(ConnectionId connection, Counters counters, long nowNanos) {
        Sent last = sent.get(connection);
        if (last == null) {
            return true;
        }
        last.snapshot = snapshot;
        return last.differs(counters) || beat(connection, nowNanos) != beat(connection, last.atNanos);
    }

    /**
     * Returns the number of the connection's heartbeat at a time. The heartbeats of connections are shifted against
     * each other, so that not all unchanged connections are sent in the same snapshot.
     */
    private long beat(ConnectionId connection, long nanos) {
        // Cookies are consecutive numbers. The factor, 2^64 divided by the golden ratio, spreads them evenly.
        return Math.floorDiv(
                nanos + Math.floorMod(connection.cookie() * 0x9e3779b97f4a7c15L, heartbeatNanos), heartbeatNanos);
    }

    /** Call it when the record of a live connection is given to the producer. */
    public void onSent(SocketRecord live, long nowNanos) {
        remember(live, nowNanos).snapshot = snapshot;
    }

    /** Call it after a snapshot: removes the connections that were not in the snapshot. */
    public void endSnapshot() {
        sent.values().removeIf(entry -> entry.snapshot != snapshot);
    }

    /** Number of stored connections. */
    public int size() {
        return sent.size();
    }

    private Sent remember(SocketRecord socket, long nowNanos) {
        Sent entry = sent.computeIfAbsent(socket.id(), absent -> new Sent());
        entry.set(socket.counters(), nowNanos);
        return entry;
    }
}
