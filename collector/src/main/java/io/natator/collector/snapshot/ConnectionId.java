package io.natator.collector.snapshot;

import io.natator.bpf.SocketRecord;

/**
 * What tells one connection of this boot from every other.
 *
 * @param cookie socket cookie
 * @param startNanos boot-clock start; a socket that is used again keeps its cookie
 */
public record ConnectionId(long cookie, long startNanos) {
    /** The id of the record's connection. */
    public static ConnectionId of(SocketRecord socket) {
        return new ConnectionId(socket.cookie(), socket.startNanos());
    }
}
