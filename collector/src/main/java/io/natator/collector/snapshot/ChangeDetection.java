package io.natator.collector.snapshot;

import io.natator.bpf.SocketRecord;
import java.util.HashMap;
import java.util.Map;

/**
 * Remembers what was last sent of every live connection, so that only what changed is sent, and a quiet connection once
 * per heartbeat. Holds no more entries than there are live connections: one goes with its close, and one that a snapshot
 * no longer shows goes with that snapshot. Not thread-safe.
 */
public final class ChangeDetection {
    private static final class Sent {
        private long bytesSent;
        private long bytesAcked;
        private long bytesReceived;
        private long segmentsSent;
        private long segmentsReceived;
        private long retransmits;
        private long atNanos;
        private long snapshot;

        /** Round-trip times are left out: they change only with segments. */
        private boolean sameCounters(SocketRecord socket) {
            return bytesSent == socket.bytesSent()
                    && bytesAcked == socket.bytesAcked()
                    && bytesReceived == socket.bytesReceived()
                    && segmentsSent == socket.segmentsSent()
                    && segmentsReceived == socket.segmentsReceived()
                    && retransmits == socket.retransmits();
        }

        private void remember(SocketRecord socket, long nowNanos) {
            bytesSent = socket.bytesSent();
            bytesAcked = socket.bytesAcked();
            bytesReceived = socket.bytesReceived();
            segmentsSent = socket.segmentsSent();
            segmentsReceived = socket.segmentsReceived();
            retransmits = socket.retransmits();
            atNanos = nowNanos;
        }
    }

    private final long heartbeatNanos;
    private final Map<ConnectionId, Sent> sent = new HashMap<>();
    private long snapshot;

    /**
     * Detection that starts with nothing sent.
     *
     * @param heartbeatNanos after which time a quiet connection is sent again
     */
    public ChangeDetection(long heartbeatNanos) {
        this.heartbeatNanos = heartbeatNanos;
    }

    /** A connection whose opening is being sent. */
    public void opened(SocketRecord socket, long nowNanos) {
        entry(ConnectionId.of(socket)).remember(socket, nowNanos);
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
    public boolean isDue(SocketRecord live, long nowNanos) {
        Sent last = sent.get(ConnectionId.of(live));
        if (last == null) {
            return true;
        }
        last.snapshot = snapshot;
        return !last.sameCounters(live) || nowNanos - last.atNanos >= heartbeatNanos;
    }

    /** A live connection that was handed to the producer. */
    public void sent(SocketRecord live, long nowNanos) {
        Sent entry = entry(ConnectionId.of(live));
        entry.remember(live, nowNanos);
        entry.snapshot = snapshot;
    }

    /** Ends a pass: what it did not show is no longer live. */
    public void endSnapshot() {
        sent.values().removeIf(entry -> entry.snapshot != snapshot);
    }

    /** How many connections are remembered. */
    public int size() {
        return sent.size();
    }

    private Sent entry(ConnectionId connection) {
        return sent.computeIfAbsent(connection, absent -> new Sent());
    }
}
