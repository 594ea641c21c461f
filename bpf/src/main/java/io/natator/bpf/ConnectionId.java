package io.natator.bpf;

/**
 * Identifies a connection within a boot of the machine. A socket can carry several connections, one after the other:
 * they have the same cookie and different starts.
 *
 * @param cookie the kernel's socket cookie ({@code sock_gen_cookie}), unique within a boot; 0 for a sum of connections
 * @param startNanos start of the connection, or first datagram of a UDP flow, in nanoseconds since boot
 *     ({@code bpf_ktime_get_boot_ns})
 */
public record ConnectionId(long cookie, long startNanos) {
    /** Returns an id whose start is 0; call {@link #startedAt} to set the start. */
    public static ConnectionId ofCookie(long cookie) {
        return new ConnectionId(cookie, 0);
    }

    /** Returns an id with the same cookie and the given start. */
    public ConnectionId startedAt(long bootNanos) {
        return new ConnectionId(cookie, bootNanos);
    }
}
