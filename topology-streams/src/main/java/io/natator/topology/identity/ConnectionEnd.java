package io.natator.topology.identity;

import io.natator.schemas.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection as its own node saw it.
 *
 * @param node name of the node
 * @param command name of the process, empty where unknown
 * @param podUid UID of the pod found in the cgroup's path, null outside a pod
 * @param protocol transport protocol
 * @param localAddress 4 or 16 bytes in network order
 * @param localPort 0 to 65535
 * @param remoteAddress the other end as this one sees it, before or behind NAT
 * @param remotePort 0 to 65535
 */
public record ConnectionEnd(
        String node,
        String command,
        @Nullable String podUid,
        Protocol protocol,
        ByteBuffer localAddress,
        int localPort,
        ByteBuffer remoteAddress,
        int remotePort) {}
