package io.natator.collector.snapshot;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.SocketRecord;
import java.util.HashMap;
import java.util.Map;

/**
 * Remembers what was last sent of every live connection, so that only what changed is sent, and a quiet connection once
 * per heartbeat. Holds no more entries than there are live connections: one goes with its close, and one that a snapshot
 * no longer shows goes with that snapshot. Not thread-safe.
 */
public final class ChangeDetection {
    /** One object for a connection's whole life: what is old and let go of costs a collection of the whole heap. */
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
     * Detection that starts with nothing sent.
     *
     * @param heartbeatNanos after which time a quiet connection is sent again at the latest
     */
    public ChangeDetection(long heartbeatNanos) {
        this.heartbeatNanos = heartbeatNanos;
    }

    /** A connection whose opening is being sent. */
    public void opened(SocketRecord socket, long nowNanos) {
        remember(socket, nowNanos);
    }

    /** A connection that ended. */
    public void ended(ConnectionId connection) {
        sent.remove(connection);
    }

    /** A connection of which what was sent did not arrive: it counts as changed. */
    public void unsent(ConnectionId connection) {
        sent.remove(connection);
    }

    /** Begins a pass over all live connections. */
    public void beginSnapshot() {
        snapshot++;
    }

    /**
     * Whether this live connection is to be sent now. Says nothing about whether it will be: see {@link #sent}.
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
     * Counts heartbeats. Each connection has its own beat: thousands that were seen first at the same time would be sent at
     * the same time ever after.
     */
    private long beat(ConnectionId connection, long nanos) {
        // 2^64 divided by the golden ratio: cookies are numbered one after the other.
        return Math.floorDiv(
                nanos + Math.floorMod(connection.cookie() * 0x9e3779b97f4a7c15L, heartbeatNanos), heartbeatNanos);
    }

    /** A live connection that was handed to the producer. */
    public void sent(SocketRecord live, long nowNanos) {
        remember(live, nowNanos).snapshot = snapshot;
    }

    /** Ends a pass: what it did not show is no longer live. */
    public void endSnapshot() {
        sent.values().removeIf(entry -> entry.snapshot != snapshot);
    }

    /** How many connections are remembered. */
    public int size() {
        return sent.size();
    }

    private Sent remember(SocketRecord socket, long nowNanos) {
        Sent entry = sent.computeIfAbsent(socket.id(), absent -> new Sent());
        entry.set(socket.counters(), nowNanos);
        return entry;
    }
}
