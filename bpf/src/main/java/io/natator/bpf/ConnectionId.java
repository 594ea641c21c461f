package io.natator.bpf;

/**
 * Identifies a connection within this boot. A socket that carries several connections, one after the other, has the same cookie and
 * another start.
 *
 * @param cookie socket cookie ({@code sock_gen_cookie}), unique within a boot; 0 for a sum
 * @param startNanos when the connection began, on the boot clock ({@code bpf_ktime_get_boot_ns}). UDP: the first datagram
 */
public record ConnectionId(long cookie, long startNanos) {
    /** The socket's connection; {@link #startedAt} completes it. */
    public static ConnectionId ofCookie(long cookie) {
        return new ConnectionId(cookie, 0);
    }

    /** Returns the id of the connection of the same socket that began at another time. */
    public ConnectionId startedAt(long bootNanos) {
        return new ConnectionId(cookie, bootNanos);
    }
}
