package io.natator.collector.snapshot;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.SocketRecord;
import java.util.HashMap;
import java.util.Map;

/**
 * Decides which open connections a snapshot sends: a changed connection in every snapshot, an unchanged one once per
 * heartbeat interval. It stores the counters that were last sent for each open connection. An entry is removed when its
 * connection closes, or when the connection is no longer among the open ones that the kernel side reports. Not thread-safe.
 */
public final class ChangeDetection {
    /**
     * The counters of a connection that were last sent. The object is mutable and stays the same for the whole life of
     * the connection. Replaced objects would fill the old generation of the heap with garbage, and only full
     * collections would remove it.
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
     * Creates an instance that knows no connections.
     *
     * @param heartbeatNanos maximum time after which an unchanged connection is sent again
     */
    public ChangeDetection(long heartbeatNanos) {
        this.heartbeatNanos = heartbeatNanos;
    }

    /** Stores the counters of a new connection. Call it when the connection's open is sent. */
    public void onOpened(SocketRecord socket, long nowNanos) {
        remember(socket, nowNanos);
    }

    /** Removes the entry of a connection. Call it when the connection has ended. */
    public void onEnded(ConnectionId connection) {
        sent.remove(connection);
    }

    /** Makes the next snapshot send a connection again. Call it when the connection's record did not reach Kafka. */
    public void onUnsent(ConnectionId connection) {
        sent.remove(connection);
    }

    /** Begins a snapshot, which is a pass over all open connections. */
    public void beginSnapshot() {
        snapshot++;
    }

    /**
     * Returns whether the current snapshot should send this open connection. Call it for every open connection; call
     * {@link #onSent} if the connection is sent.
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
     * Returns the number of the heartbeat interval of a connection that contains the given time. The intervals of
     * different connections begin at different times, so that not all unchanged connections are sent in the same
     * snapshot.
     */
    private long beat(ConnectionId connection, long nanos) {
        // Cookies are consecutive numbers. The factor, 2^64 divided by the golden ratio, spreads them evenly over the
        // interval.
        return Math.floorDiv(
                nanos + Math.floorMod(connection.cookie() * 0x9e3779b97f4a7c15L, heartbeatNanos), heartbeatNanos);
    }

    /** Returns whether a connection is not known yet: no record of it was sent. */
    public boolean isNew(ConnectionId connection) {
        return !sent.containsKey(connection);
    }

    /** Stores the counters of an open connection. Call it when the connection's record is given to the producer. */
    public void onSent(SocketRecord live, long nowNanos) {
        remember(live, nowNanos).snapshot = snapshot;
    }

    /** Ends a snapshot: removes the entries of connections that were not in the snapshot. */
    public void endSnapshot() {
        sent.values().removeIf(entry -> entry.snapshot != snapshot);
    }

    /** Returns the number of connections that have an entry. */
    public int size() {
        return sent.size();
    }

    private Sent remember(SocketRecord socket, long nowNanos) {
        Sent entry = sent.computeIfAbsent(socket.id(), absent -> new Sent());
        entry.set(socket.counters(), nowNanos);
        return entry;
    }
}
