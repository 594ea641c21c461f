package io.natator.topology.ledger;

import io.natator.topology.identity.SocketProcess;
import org.jspecify.annotations.Nullable;

/** Converts the process of the other end of a UDP flow to and from its stored form. It is on the node of this end. */
final class StoredPeers {
    private StoredPeers() {}

    static @Nullable StoredPeer stored(@Nullable SocketProcess peer) {
        return peer == null
                ? null
                : StoredPeer.newBuilder()
                        .setCommand(peer.command())
                        .setPodUid(peer.podUid())
                        .setPid(peer.pid())
                        .setContainerId(peer.containerId())
                        .build();
    }

    static @Nullable SocketProcess process(String node, @Nullable StoredPeer stored) {
        return stored == null
                ? null
                : new SocketProcess(
                        node, stored.getCommand(), stored.getPodUid(), stored.getPid(), stored.getContainerId());
    }
}
