package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Protocol;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The known pods and nodes of one cluster, and the known owners of its addresses and node ports. */
public interface Identities {
    /** No identities, because no enricher runs. Nothing becomes known later. */
    Identities NONE = new Identities() {
        @Override
        public boolean isCompleteAsOf(Instant time) {
            return true;
        }

        @Override
        public boolean canChange() {
            return false;
        }

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
     * Whether everything that happened in the cluster up to a time is known. Before that, an owner that is known may have
     * lost its address since.
     */
    boolean isCompleteAsOf(Instant time);

    /** Whether identities can become known later. False if no enricher runs. */
    boolean canChange();

    /**
     * Returns the pod that has the given UID; null if the pod is not known, or not known yet.
     *
     * @param uid in lower case with dashes; for a static pod also the hash that the kubelet uses as UID
     */
    @Nullable
    Identity pod(String uid);

    /**
     * Returns the node of a cluster that has the given name; null if the node is not known, or not known yet. Hosts
     * outside clusters are never known.
     *
     * @param name name or host name of the node
     */
    @Nullable
    Identity node(String name);

    /**
     * Returns the present and former owners of an address; null if no owner is known, or not known yet.
     *
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    AddressOwners address(ByteBuffer address);

    /**
     * Returns the present and former Services of a node port; null if no Service is known, or not known yet. A Service
     * has the same node port on all nodes.
     *
     * @param port 0 to 65535
     */
    @Nullable
    AddressOwners nodePort(Protocol protocol, int port);

    /**
     * Whether the address is in a range from which the nodes of a cluster give addresses to pods.
     *
     * @param address 4 or 16 bytes in network order
     */
    default boolean isInPodRange(ByteBuffer address) {
        return false;
    }
}
