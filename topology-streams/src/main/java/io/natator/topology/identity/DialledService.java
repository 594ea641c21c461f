package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isNode;
import static io.natator.topology.identity.IdentityKinds.isService;

import io.natator.schemas.Identity;
import io.natator.topology.identity.WorkloadNames.NamedEnd;
import org.jspecify.annotations.Nullable;

/**
 * Finds the Service that a client dialled, that is, to whose address or node port it connected. The Service becomes the
 * field {@code via} of the link. Pure.
 */
record DialledService(Identities identities) {
    /**
     * The Service whose address, or whose node port, the client dialled; null if the client dialled no Service.
     *
     * @param remoteOwner the owner of the address to which the client connected; null if unknown
     */
    @Nullable
    Identity find(ConnectionEnd client, @Nullable Identity remoteOwner, OpenPeriod period) {
        Identity dialled = isNode(remoteOwner)
                ? OwnerHistory.ownerDuring(
                        identities.nodePort(client.protocol(), client.remote().port()), period)
                : remoteOwner;
        return isService(dialled) ? dialled : null;
    }

    /**
     * The dialled Service as {@code namespace/name}, for a connection whose two ends are reported. Empty if the client
     * connected to the server's own address.
     */
    String via(ConnectionEnd client, ConnectionEnd server, OpenPeriod period) {
        if (client.remote().address().equals(server.local().address())) {
            return "";
        }
        RemoteAddress remote = RemoteAddress.of(client, period, identities);
        Identity service = find(client, remote.owner(), period);
        return service == null ? "" : qualifiedName(service);
    }

    /**
     * The Service as {@code namespace/name}. Empty if the Service is null, or if the server is already named after it.
     */
    static String viaUnlessNamedAfterIt(@Nullable Identity service, NamedEnd server) {
        return service == null || server.workload().getKind().equals(service.getKind()) ? "" : qualifiedName(service);
    }

    private static String qualifiedName(Identity service) {
        return service.getNamespace() + "/" + service.getName();
    }
}
