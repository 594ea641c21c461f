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
 */
public record ConnectionEnd(SocketProcess process, Protocol protocol, Endpoint local, Endpoint remote) {
    /** UID of the pod that contains the process; null if the process is in no pod. */
    public @Nullable String podUid() {
        return process.podUid();
    }
}
