package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isService;

import java.nio.ByteBuffer;

/**
 * Decides whether the client's node reports a UDP flow that the server's node reported. If so, only the client's report
 * is counted, because the ledger cannot recognise that both reports belong to one flow. Pure.
 *
 * <p>A client counts as reported in three cases: it is a pod or node of a cluster, it is on the same host as the
 * server, or its address is in a range of {@code --internal-cidr}. If the server's host is outside all clusters, the
 * owners of addresses are unknown, so every client with a private address counts as reported too.
 *
 * <p>A known fault: the API server does not know the address of a network bridge between a node and its pods. A flow
 * from a client with such an address is counted twice. To prevent this, add the address to {@code --internal-cidr}.
 */
record UdpClientReporting(InternalAddresses internal) {
    /**
     * Whether the client's node reports the flow. While the identities are not known up to the opening of the flow, every
     * internal client counts as reported, so that no datagram counts twice.
     */
    boolean isReported(RemoteAddress client, ReportedEnd server) {
        ByteBuffer address = client.address();
        if (client.isLoopback() || address.equals(server.end().local().address()) || internal.isDeclared(address)) {
            return true;
        }
        if (!server.complete()) {
            return internal.isInternal(client);
        }
        if (client.owner() != null) {
            return !isService(client.owner());
        }
        boolean isOutsideClusters = server.nodeIdentity() == null;
        return isOutsideClusters && internal.contains(address);
    }
}
