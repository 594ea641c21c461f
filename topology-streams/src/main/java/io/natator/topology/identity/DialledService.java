package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isNode;
import static io.natator.topology.identity.IdentityKinds.isService;

import io.natator.schemas.Identity;
import io.natator.topology.identity.WorkloadNames.NamedEnd;
import org.jspecify.annotations.Nullable;

/** Finds the Service that a client dialled, which is the field {@code via} of a link. Pure. */
record DialledService(Identities identities) {
    /**
     * The Service whose address, or whose node port, the client dialled; null if the client dialled no Service.
     *
     * @param remoteOwner the owner of the address that the client dialled
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
     * The Service of a connection whose two ends are reported, as {@code namespace/name}; empty if the client dialled
     * the server itself.
     */
    String via(ConnectionEnd client, ConnectionEnd server, OpenPeriod period) {
        if (client.remote().address().equals(server.local().address())) {
            return "";
        }
        RemoteAddress remote = RemoteAddress.of(client, period, identities);
        Identity service = find(client, remote.owner(), period);
        return service == null ? "" : qualifiedName(service);
    }

    /** The Service as {@code namespace/name}; empty for no Service, and if the server is named after the Service. */
    static String viaUnlessNamedAfterIt(@Nullable Identity service, NamedEnd server) {
        return service == null || server.workload().getKind().equals(service.getKind()) ? "" : qualifiedName(service);
    }

    private static String qualifiedName(Identity service) {
        return service.getNamespace() + "/" + service.getName();
    }
}
