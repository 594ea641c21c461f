package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Known pods, nodes, and owners of addresses and node ports. */
public interface Identities {
    /** Knows no identities. */
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
     * The pod with a UID; null if it is not known (yet).
     *
     * @param uid in lower case with dashes; of a static pod also the hash that its kubelet uses
     */
    @Nullable
    Identity pod(String uid);

    /**
     * The node of a cluster; null if it is not known (yet). Hosts outside clusters are never known.
     *
     * @param name name or host name of the node
     */
    @Nullable
    Identity node(String name);

    /**
     * The owners that an address had; null if none is known (yet).
     *
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    AddressOwners address(ByteBuffer address);

    /**
     * The Services that a node port belonged to, on every node; null if none is known (yet).
     *
     * @param port 0 to 65535
     */
    @Nullable
    AddressOwners nodePort(Protocol protocol, int port);
}
