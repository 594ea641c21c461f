package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.keepsItsAddress;

/**
 * Decides whether a connection waits before it is named, because better names can become known within
 * {@code --settle-after}. It waits for three things: the report of the other end, the identity of an end, and a running
 * look-up of an external name. Pure.
 *
 * <p>Services and nodes keep their addresses, so a connection does not wait if an address belongs to one of them. The
 * address of a pod can have a new owner that is not known yet, so a connection waits.
 */
record WaitBeforeNaming(Identities identities, InternalAddresses internal) {
    boolean forBothEnds(ReportedEnd client, ReportedEnd server) {
        return forIdentity(client) || forIdentity(server);
    }

    /**
     * Whether a connection of which only one end is reported waits.
     *
     * @param onlyOneReports true if only one end is ever reported, for example because the connection was never
     *     established
     */
    boolean forOneEnd(SingleReport report, boolean onlyOneReports) {
        return forIdentity(report.self())
                || forOtherEnd(report, onlyOneReports)
                || report.externalName().pending();
    }

    /**
     * Whether a connection waits for the report of the other end, or for the owner of the other end's address. The
     * reports of the two ends of a UDP flow are never merged, so UDP waits only for the owner. A flow that a UDP server
     * reported waits even if the client's address is external, because the owner decides whether the server's report
     * counts.
     */
    private boolean forOtherEnd(SingleReport report, boolean onlyOneReports) {
        boolean udpServer = report.isUdp() && !report.byClient();
        if (!internal.isInternal(report.remote()) && !udpServer) {
            return false;
        }
        boolean awaitsOnlyTheOwner = onlyOneReports || report.isUdp();
        return !(awaitsOnlyTheOwner && keepsItsAddress(report.remote().owner()));
    }

    private boolean forIdentity(ReportedEnd reported) {
        ConnectionEnd end = reported.end();
        if (end.podUid() != null) {
            return reported.isInUnknownPod();
        }
        if (InternalAddresses.isLoopback(end.local().address())) {
            return false;
        }
        return reported.addressOwner() == null
                ? identities.node(reported.node()) != null
                : !keepsItsAddress(reported.addressOwner());
    }
}
