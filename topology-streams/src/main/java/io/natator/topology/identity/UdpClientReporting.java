package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isService;

import java.nio.ByteBuffer;

/**
 * Decides whether the client's node reports a UDP flow that the server's node reported. If so, only the client's report
 * counts, because the two reports of a flow cannot be recognised as one. Pure.
 *
 * <p>The client is reported if it is a pod or node of a cluster, if it is on the same host as the server, or if its
 * address is in a range of {@code --internal-cidr}. On a host outside any cluster, the owners of addresses are unknown,
 * so any private address may be reported.
 *
 * <p>A known fault: the API server does not know the address of a bridge between a node and its pods. A flow that a
 * client sends from such an address is counted twice, unless {@code --internal-cidr} contains the address.
 */
record UdpClientReporting(Identities identities, InternalAddresses internal) {
    boolean isReported(RemoteAddress client, ReportedEnd server) {
        ByteBuffer address = client.address();
        if (client.isLoopback() || address.equals(server.end().local().address()) || internal.isDeclared(address)) {
            return true;
        }
        if (client.owner() != null) {
            return !isService(client.owner());
        }
        boolean isOutsideClusters = identities.node(server.node()) == null;
        return isOutsideClusters && internal.contains(address);
    }
}
