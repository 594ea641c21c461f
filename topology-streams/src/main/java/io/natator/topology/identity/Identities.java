package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Known pods, nodes, and owners of addresses and node ports. */
public interface Identities {
    Identities NONE = new Identities() {
        @Override
        public @Nullable Identity pod(String uid) {
            return null;
        }

        @Override
        public @Nullable Identity node(String name) {
            return null;
        }

        @Override
        public @Nullable AddressOwners address(ByteBuffer address) {
            return null;
        }

        @Override
        public @Nullable AddressOwners nodePort(Protocol protocol, int port) {
            return null;
        }
    };

    /**
     * Returns the pod with a UID; null if the pod is unknown or not known yet.
     *
     * @param uid in lower case with dashes; for a static pod also the hash that the kubelet uses as UID
     */
    @Nullable
    Identity pod(String uid);

    /**
     * Returns the node of a cluster; null if the node is unknown or not known yet, and for any host outside clusters.
     *
     * @param name name or host name of the node
     */
    @Nullable
    Identity node(String name);

    /**
     * Returns the owners of an address over time; null if no owner is known, or not known yet.
     *
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    AddressOwners address(ByteBuffer address);

    /**
     * Returns the Services that owned a node port over time; null if no Service is known, or not known yet. A Service
     * has the same node port on all nodes.
     *
     * @param port 0 to 65535
     */
    @Nullable
    AddressOwners nodePort(Protocol protocol, int port);
}
