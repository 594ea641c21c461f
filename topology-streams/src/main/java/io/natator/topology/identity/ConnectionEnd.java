package io.natator.topology.identity;

import io.natator.schemas.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection, as reported by the collector on the node of that end.
 *
 * @param process the process that owns the socket
 * @param protocol transport protocol
 * @param local address and port of this end
 * @param remote address and port of the other end, as this end sees them. With NAT, the other end can have another
 *     address and port itself
 * @param peer the process that owns the socket at the other end, if it is on the same node and the collector of this end
 *     reported it; otherwise null
 */
public record ConnectionEnd(
        SocketProcess process,
        Protocol protocol,
        Endpoint local,
        Endpoint remote,
        @Nullable SocketProcess peer) {
    /** An end whose report does not contain the process of the other end. */
    public ConnectionEnd(SocketProcess process, Protocol protocol, Endpoint local, Endpoint remote) {
        this(process, protocol, local, remote, null);
    }

    /** The other end, as this end's collector knows it; null if it does not know its process. */
    public @Nullable ConnectionEnd otherEnd() {
        return peer == null ? null : new ConnectionEnd(peer, protocol, /* local= */ remote, /* remote= */ local);
    }

    public ConnectionEnd withPeer(@Nullable SocketProcess process) {
        return new ConnectionEnd(this.process, protocol, local, remote, process);
    }

    /** UID of the pod that contains the process; null if the process is in no pod. */
    public @Nullable String podUid() {
        return process.podUid();
    }
}
