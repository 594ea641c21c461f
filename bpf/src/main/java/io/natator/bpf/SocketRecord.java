package io.natator.bpf;

import java.net.InetAddress;

/**
 * One end of a connection as the kernel described it, or the sum of several closed ones ({@link Event#FOLDED}).
 * Counters are cumulative over the connection's life.
 *
 * @param event what made the kernel side write the record
 * @param protocol IP protocol number: 6 TCP, 17 UDP
 * @param role which end the socket is
 * @param cookie socket cookie ({@code sock_gen_cookie}), unique within a boot
 * @param startNanos when the connection began, on the boot clock ({@code bpf_ktime_get_boot_ns}); a socket that carries
 *     a second connection has the same cookie and another start. UDP: the first datagram
 * @param observedNanos when the counters were read, on the boot clock; of a flow that ended, its last datagram
 * @param fingerprint client ISN in the upper, server ISN in the lower half; the same on both ends. 0 where never
 *     established, and for UDP
 * @param localAddress a v4-mapped address is given as IPv4
 * @param localPort 0 to 65535
 * @param remoteAddress as this end sees it
 * @param remotePort 0 to 65535
 * @param networkNamespace inode number of the network namespace
 * @param cgroupId id of the socket's cgroup v2, 0 where unknown
 * @param pid thread group id in the initial pid namespace, 0 where unknown
 * @param command comm of the thread group leader, at most 15 bytes, empty where unknown
 * @param bytesSent payload transmitted at least once, in flight included
 * @param bytesAcked payload acknowledged by the peer
 * @param bytesReceived payload received in order
 * @param segmentsSent segments (TCP) or datagrams (UDP) sent; of one TCP connection modulo 2<sup>32</sup>, since the
 *     kernel keeps 32 bits ({@code tcp_sock.segs_out}): after about 6 TB it begins again at 0
 * @param segmentsReceived segments (TCP) or datagrams (UDP) received; modulo 2<sup>32</sup> as well ({@code segs_in})
 * @param retransmits segments retransmitted ({@code tcp_sock.total_retrans}), modulo 2<sup>32</sup>
 * @param smoothedRttMicros {@code srtt_us >> 3}, 0 where not measured
 * @param minRttMicros minimum of the kernel's RTT window, 0 where not measured
 * @param closeReason why it ended; {@link CloseReason#NONE} while it lives
 * @param connections how many connections the record stands for; 1 unless folded
 */
public record SocketRecord(
        Event event,
        int protocol,
        Role role,
        long cookie,
        long startNanos,
        long observedNanos,
        long fingerprint,
        InetAddress localAddress,
        int localPort,
        InetAddress remoteAddress,
        int remotePort,
        long networkNamespace,
        long cgroupId,
        int pid,
        String command,
        long bytesSent,
        long bytesAcked,
        long bytesReceived,
        long segmentsSent,
        long segmentsReceived,
        long retransmits,
        long smoothedRttMicros,
        long minRttMicros,
        CloseReason closeReason,
        long connections) {

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
        /** Sum of closed connections whose detail found no room. */
        FOLDED
    }

    /** Which end of the connection a socket is. */
    public enum Role {
        /** The kernel no longer tells. */
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
        /** Retransmissions were given up. */
        TIMEOUT,
        /** ICMP errors said so when it failed or was given up. */
        UNREACHABLE,
        /** Given up by this side before it was established. */
        ABORTED,
        /** No datagram for a while (UDP). */
        IDLE
    }
}
