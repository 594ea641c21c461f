package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What is known of pods and addresses. */
public interface Identities {
    /** Knows nobody. */
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
     * The pod of a UID, or null where it is not known (yet).
     *
     * @param uid lower case with dashes; of a static pod also the hash its kubelet knows it by
     */
    @Nullable
    Identity pod(String uid);

    /**
     * The node of a cluster, or null where it is not known (yet), as no host outside a cluster ever is.
     *
     * @param name its name, or its host name
     */
    @Nullable
    Identity node(String name);

    /**
     * The owners an address had, or null where none is known (yet).
     *
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    AddressOwners address(ByteBuffer address);

    /**
     * The Services that a port of every node was opened for, or null where none is known (yet).
     *
     * @param port 0 to 65535
     */
    @Nullable
    AddressOwners nodePort(Protocol protocol, int port);
}
