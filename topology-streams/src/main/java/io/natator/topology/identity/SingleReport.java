package io.natator.topology.identity;

import io.natator.schemas.Protocol;
import io.natator.topology.identity.NameLookup.Result;

/**
 * What is known about a connection of which only one end was reported.
 *
 * @param byClient true if the client's end was reported, false if the server's end was
 * @param self the end that was reported
 * @param remote the address of the other end
 * @param externalName name of the remote address, or the state of its look-up; no name if the address is not external
 */
record SingleReport(boolean byClient, ReportedEnd self, RemoteAddress remote, Result externalName, OpenPeriod period) {
    ConnectionEnd end() {
        return self.end();
    }

    /** Whether the identities are known up to the opening of the connection. */
    boolean complete() {
        return self.complete();
    }

    boolean isUdp() {
        return end().protocol() == Protocol.UDP;
    }

    /** Whether the server's end of a UDP flow was reported. */
    boolean isUdpServer() {
        return isUdp() && !byClient;
    }
}
