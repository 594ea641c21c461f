package io.natator.bpf;

/**
 * What the kernel side reports about one end of a connection, or about the sum of several closed connections
 * ({@link Event#FOLDED}).
 *
 * @param event what the record reports
 * @param id identifies the connection
 * @param connection the two ends of the connection
 * @param owner cgroup and process of the socket
 * @param counters how much was transferred since the connection began
 * @param quality round-trip times
 * @param lifecycle when the counters were read, and why the connection ended
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
     * @param protocol IP protocol number: 6 for TCP, 17 for UDP
     * @param role whether the socket is the client or the server
     * @param fingerprint identifies a TCP connection: the client's initial sequence number (ISN) + 1 in the upper 32
     *     bits, the server's ISN + 1 in the lower 32 bits. It is the same at both ends. 0 if the connection was never
     *     established, and for UDP
     * @param local address and port of the socket
     * @param remote address and port of the peer
     * @param networkNamespace inode number of the socket's network namespace
     */
    public record Connection(
            int protocol, Role role, long fingerprint, Endpoint local, Endpoint remote, long networkNamespace) {
        /** Returns the server's port: the local port if the socket is the server, otherwise the remote port. */
        public int serverPort() {
            return role == Role.SERVER ? local.port() : remote.port();
        }
    }

    /**
     * The cgroup and the process that own a socket.
     *
     * @param cgroupId id of the socket's cgroup v2; 0 if unknown
     * @param pid id of the process (thread group) in the initial pid namespace; 0 if unknown
     * @param command name ({@code comm}) of the thread group leader, at most 15 bytes; empty if unknown
     */
    public record Owner(long cgroupId, int pid, String command) {}

    /**
     * Round-trip times (RTT) of a connection in microseconds.
     *
     * @param smoothedRttMicros smoothed RTT ({@code tcp_sock.srtt_us >> 3}); 0 if not measured
     * @param minRttMicros minimum RTT of the kernel's measuring window ({@code tcp_sock.rtt_min}); 0 if not measured
     */
    public record Quality(long smoothedRttMicros, long minRttMicros) {
        /** Round-trip times that were not measured. */
        public static final Quality UNKNOWN = new Quality(0, 0);

        public Quality withSmoothedRttMicros(long micros) {
            return new Quality(micros, minRttMicros);
        }

        public Quality withMinRttMicros(long micros) {
            return new Quality(smoothedRttMicros, micros);
        }
    }

    /**
     * When the counters of a record were read, and why its connection ended.
     *
     * @param observedNanos when the counters were read, in nanoseconds since boot; for the end of a UDP flow, the time
     *     of its last datagram
     * @param closeReason {@link CloseReason#NONE} while the connection is open
     */
    public record Lifecycle(long observedNanos, CloseReason closeReason) {}

    /** What a record reports. */
    public enum Event {
        /** The connection was established, or it was already established when the collector started. */
        OPENED,
        /** The record has the current counters of an open connection. */
        LIVE,
        /** The connection has ended; the counters are final. */
        CLOSED,
        /** The connection failed: it was never established. */
        FAILED,
        /** The record is the sum of closed connections (UDP: datagrams) that could not be stored individually. */
        FOLDED
    }

    /** Which end of the connection a socket is. */
    public enum Role {
        /** Unknown, because the open was not seen and the kernel no longer stores which end the socket is. */
        UNKNOWN,
        /**
         * The end that opened the connection; in a simultaneous open, the end with the lower initial sequence number.
         */
        CLIENT,
        /** The end that accepted the connection. */
        SERVER
    }

    /** Why a connection ended. */
    public enum CloseReason {
        /** The reason is not known. */
        UNKNOWN,
        /** The connection has not ended. */
        NONE,
        /** The connection was closed in order, with a FIN. */
        FIN,
        /** One of the two ends reset the established connection. */
        RESET,
        /** The peer answered the SYN with RST. */
        REFUSED,
        /** The kernel gave up retransmitting. */
        TIMEOUT,
        /** The connection failed or timed out, and ICMP errors had reported that the peer is unreachable. */
        UNREACHABLE,
        /** This end cancelled the connect before the connection was established. */
        ABORTED,
        /** UDP only: the flow ended because it had no datagram during the idle time. */
        IDLE
    }
}
