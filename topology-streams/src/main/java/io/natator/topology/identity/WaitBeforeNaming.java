package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.keepsItsAddress;

/**
 * Decides whether the naming of a connection waits, because better names may become known within
 * {@code --settle-after}. Naming waits for three things: the report of the other end, the identity of an end, and a
 * pending look-up of an external name. Pure.
 *
 * <p>Services and nodes keep their addresses, so naming does not wait for their identities. The address of a pod may
 * have a new owner that is not known yet.
 */
record WaitBeforeNaming(Identities identities, InternalAddresses internal) {
    boolean forBothEnds(ReportedEnd client, ReportedEnd server) {
        return forIdentity(client) || forIdentity(server);
    }

    /**
     * Whether naming waits while only one end is reported.
     *
     * @param onlyOneReports whether by nature only one end is reported, for example of a connection that was never
     *     established
     */
    boolean forOneEnd(SingleReport report, boolean onlyOneReports) {
        return forIdentity(report.self())
                || forOtherEnd(report, onlyOneReports)
                || report.externalName().pending();
    }

    /**
     * Whether naming waits for the report of the other end, or for the owner of the other end's address. The two ends
     * of a UDP flow are never combined, so UDP waits only for the owner. A UDP server waits for the owner of any
     * client's address, because the owner decides whether the server's report counts.
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
