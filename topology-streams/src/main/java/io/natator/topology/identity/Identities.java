package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
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
        public @Nullable AddressOwners address(ByteBuffer address) {
            return null;
        }
    };

    /**
     * The pod of a UID, or null where it is not known (yet).
     *
     * @param uid lower case with dashes
     */
    @Nullable
    Identity pod(String uid);

    /**
     * The owners an address had, or null where none is known (yet).
     *
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    AddressOwners address(ByteBuffer address);
}
