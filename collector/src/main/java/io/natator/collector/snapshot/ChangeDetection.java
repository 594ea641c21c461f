package io.natator.collector.snapshot;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.SocketRecord;
import java.util.HashMap;
import java.util.Map;

/**
 * Decides which live connections are sent: those that have changed, and idle ones once per heartbeat. For this it
 * stores the counters that were last sent for every live connection. It has at most one entry per live connection: a
 * close removes the entry, and so does a snapshot without the connection. Not thread-safe.
 */
public final class ChangeDetection {
    /** Mutable, one object for a connection's whole life: replacing old objects would cause collections of the whole heap. */
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
     * @param heartbeatNanos a quiet connection is sent again after this time at the latest
     */
    public ChangeDetection(long heartbeatNanos) {
        this.heartbeatNanos = heartbeatNanos;
    }

    /** A connection's open is being sent. */
    public void onOpened(SocketRecord socket, long nowNanos) {
        remember(socket, nowNanos);
    }

    /** A connection ended. */
    public void onEnded(ConnectionId connection) {
        sent.remove(connection);
    }

    /** A record of the connection did not arrive: the connection counts as changed. */
    public void onUnsent(ConnectionId connection) {
        sent.remove(connection);
    }

    /** Starts a pass over all live connections. */
    public void beginSnapshot() {
        snapshot++;
    }

    /**
     * Whether this live connection should be sent now. If it is, call {@link #onSent}.
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
     * The number of the current heartbeat. Each connection has a phase of its own, so that connections that were first seen at the
     * same time are not always sent at the same time.
     */
    private long beat(ConnectionId connection, long nanos) {
        // 2^64 divided by the golden ratio spreads cookies, which are consecutive numbers.
        return Math.floorDiv(
                nanos + Math.floorMod(connection.cookie() * 0x9e3779b97f4a7c15L, heartbeatNanos), heartbeatNanos);
    }

    /** The record of a live connection was given to the producer. */
    public void onSent(SocketRecord live, long nowNanos) {
        remember(live, nowNanos).snapshot = snapshot;
    }

    /** Ends a pass: connections that were not in it are removed. */
    public void endSnapshot() {
        sent.values().removeIf(entry -> entry.snapshot != snapshot);
    }

    /** How many connections are stored. */
    public int size() {
        return sent.size();
    }

    private Sent remember(SocketRecord socket, long nowNanos) {
        Sent entry = sent.computeIfAbsent(socket.id(), absent -> new Sent());
        entry.set(socket.counters(), nowNanos);
        return entry;
    }
}
