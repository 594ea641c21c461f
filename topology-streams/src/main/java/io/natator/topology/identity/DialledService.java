package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isNode;
import static io.natator.topology.identity.IdentityKinds.isService;

import io.natator.schemas.Identity;
import io.natator.schemas.Via;
import io.natator.topology.identity.WorkloadNames.NamedEnd;
import org.jspecify.annotations.Nullable;

/**
 * Finds the Service that a client dialled, that is, to whose address or node port it connected. The Service becomes the
 * field {@code via} of the link. Pure.
 */
final class DialledService {
    private DialledService() {}

    /**
     * The Service whose address, or whose node port, the client dialled; null if the client dialled no Service. A node
     * port can be dialled at every address of the node, the loopback addresses included.
     *
     * @param remote the address to which the client connected
     */
    static @Nullable Identity find(ReportedEnd client, RemoteAddress remote, OpenPeriod period) {
        boolean isNodeAddress = isNode(remote.owner()) || (remote.isLoopback() && client.usesHostNetwork());
        ConnectionEnd end = client.end();
        Identity dialled = isNodeAddress
                ? OwnerHistory.ownerDuring(
                        client.identities()
                                .nodePort(end.protocol(), end.remote().port()),
                        period)
                : remote.owner();
        return isService(dialled) ? dialled : null;
    }

    /**
     * The Service that the client dialled, if both ends are reported; null if it connected to the server directly. A
     * process of the node can accept connections at the address of a Service, such as the proxy of a service mesh.
     */
    static @Nullable Identity between(ReportedEnd client, ReportedEnd server, OpenPeriod period) {
        if (!canBeBetween(client, server)) {
            return null;
        }
        RemoteAddress remote = RemoteAddress.of(client, period);
        return isTranslated(client, server) || isService(remote.owner()) ? find(client, remote, period) : null;
    }

    /** Whether the client can have dialled a Service. A pod with its own network has no address of a Service. */
    static boolean canBeBetween(ReportedEnd client, ReportedEnd server) {
        return isTranslated(client, server) || server.usesHostNetwork();
    }

    /** Whether the client connected to another address than the server's own, so that something translated it. */
    static boolean isTranslated(ReportedEnd client, ReportedEnd server) {
        return !client.end().remote().address().equals(server.end().local().address());
    }

    /** The dialled Service; null if the server is already named after it. */
    static @Nullable Identity unlessNamedAfterIt(@Nullable Identity service, NamedEnd server) {
        return service == null || server.workload().getKind().equals(service.getKind()) ? null : service;
    }

    /** The dialled Service and port, such as {@code shop/cart:80}; empty if the Service is null. */
    static String via(@Nullable Identity service, ReportedEnd client) {
        if (service == null) {
            return "";
        }
        int port = client.end().remote().port();
        return new Via(service.getNamespace(), service.getName(), port).toString();
    }
}
