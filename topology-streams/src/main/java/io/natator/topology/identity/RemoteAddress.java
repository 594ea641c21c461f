package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The address of the other end of a connection, as the reported end sees the address.
 *
 * @param address 4 or 16 bytes in network order
 * @param hasHistory whether a present or former owner of the address is known
 * @param isInPodRange whether the nodes of a cluster give addresses of its range to pods; false if it has a history
 * @param owner the owner while the connection was open; null if unknown
 */
record RemoteAddress(
        ByteBuffer address,
        boolean hasHistory,
        boolean isInPodRange,
        @Nullable Identity owner) {
    static RemoteAddress of(ReportedEnd reported, OpenPeriod period) {
        ConnectionEnd end = reported.end();
        Identities identities = reported.identities();
        ByteBuffer address = end.remote().address();
        AddressOwners owners = identities.address(address);
        return new RemoteAddress(
                address,
                owners != null,
                owners == null && identities.isInPodRange(address),
                OwnerHistory.ownerDuring(owners, end.protocol(), end.remote().port(), period));
    }

    boolean isLoopback() {
        return InternalAddresses.isLoopback(address);
    }
}
