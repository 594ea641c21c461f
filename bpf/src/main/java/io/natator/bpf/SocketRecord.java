package io.natator.bpf;

/**
 * One end of a connection as the kernel described it, or the sum of several closed ones ({@link Event#FOLDED}).
 *
 * @param event what made the kernel side write the record
 * @param id which connection it is
 * @param connection its two ends
 * @param owner who owns the socket
 * @param counters how much was transferred since the connection began
 * @param quality round-trip times
 * @param lifecycle when the record was made, and why the connection ended
 */
public record SocketRecord(
        Event event,
        ConnectionId id,
        Connection connection,
        Owner owner,
        Counters counters,
        Quality quality,
        Lifecycle lifecycle) {

    /**
     * The two ends of a connection, as this socket sees them.
     *
     * @param protocol IP protocol number: 6 TCP, 17 UDP
     * @param role which end the socket is
     * @param fingerprint client ISN + 1 in the upper, server ISN + 1 in the lower half; the same on both ends. 0 where never
     *     established, and for UDP
     * @param local the socket's own end
     * @param remote the peer
     * @param networkNamespace inode number of the network namespace
     */
    public record Connection(
            int protocol, Role role, long fingerprint, Endpoint local, Endpoint remote, long networkNamespace) {
        /** The server's port, of either end. */
        public int serverPort() {
            return role == Role.SERVER ? local.port() : remote.port();
        }
    }

    /**
     * Who owns a socket.
     *
     * @param cgroupId id of the socket's cgroup v2, 0 where unknown
     * @param pid thread group id in the initial pid namespace, 0 where unknown
     * @param command comm of the thread group leader, at most 15 bytes, empty where unknown
     */
    public record Owner(long cgroupId, int pid, String command) {}

    /**
     * How well a connection works.
     *
     * @param smoothedRttMicros {@code srtt_us >> 3}, 0 where not measured
     * @param minRttMicros minimum of the kernel's RTT window, 0 where not measured
     */
    public record Quality(long smoothedRttMicros, long minRttMicros) {
        /** Nothing is measured. */
        public static final Quality UNKNOWN = new Quality(0, 0);

        public Quality withSmoothedRttMicros(long micros) {
            return new Quality(micros, minRttMicros);
        }

        public Quality withMinRttMicros(long micros) {
            return new Quality(smoothedRttMicros, micros);
        }
    }

    /**
     * When a record was made, and why its connection ended.
     *
     * @param observedNanos when the counters were read, on the boot clock; of a flow that ended, its last datagram
     * @param closeReason {@link CloseReason#NONE} while the connection lives
     */
    public record Lifecycle(long observedNanos, CloseReason closeReason) {}

    /** What made the kernel side write a record. */
    public enum Event {
        /** The connection was established, or found established when the collector started. */
        OPENED,
        /** Counters of a live connection. */
        LIVE,
        /** The connection ended; the counters are final. */
        CLOSED,
        /** The connection was never established. */
        FAILED,
        /** Sum of closed connections whose detail was above capacity. */
        FOLDED
    }

    /** Which end of the connection a socket is. */
    public enum Role {
        /** The kernel no longer knows. */
        UNKNOWN,
        /** Opened the connection; in a simultaneous open, the end with the lower initial sequence number. */
        CLIENT,
        /** Accepted it. */
        SERVER
    }

    /** Why a connection ended. */
    public enum CloseReason {
        /** Not known. */
        UNKNOWN,
        /** It has not ended. */
        NONE,
        /** Both sides closed in order. */
        FIN,
        /** Either side reset it after it was established. */
        RESET,
        /** The peer answered the SYN with RST. */
        REFUSED,
        /** The kernel gave up retransmitting. */
        TIMEOUT,
        /** ICMP errors reported it when the connection failed or timed out. */
        UNREACHABLE,
        /** This side gave up before it was established. */
        ABORTED,
        /** No datagram for the idle time (UDP). */
        IDLE
    }
}
