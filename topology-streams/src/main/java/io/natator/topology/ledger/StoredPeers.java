package io.natator.topology.ledger;

import io.natator.schemas.NameKind;
import io.natator.topology.identity.OwnerName;
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
                        .setName(peer.name().name())
                        .setNameKind(peer.name().kind().name())
                        .build();
    }

    static @Nullable SocketProcess process(StoredEndpoint end) {
        StoredPeer stored = end.getPeer();
        return stored == null
                ? null
                : new SocketProcess(
                        end.getCluster(),
                        end.getNode(),
                        stored.getCommand(),
                        stored.getPodUid(),
                        stored.getPid(),
                        stored.getContainerId(),
                        new OwnerName(stored.getName(), NameKind.valueOf(stored.getNameKind())));
    }
}
