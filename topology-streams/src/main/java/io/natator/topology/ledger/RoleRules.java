package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.Role;

/**
 * Decides whether a snapshot is of the client's or the server's end. The role is the one that the collector reported. A
 * snapshot without a role gets the role that the sockets of the stored ends show. If no end is stored, the role is
 * guessed from the ports. Pure.
 */
final class RoleRules {
    private RoleRules() {}

    static boolean isGuessed(ConnectionSnapshot snapshot) {
        return snapshot.getRole() == Role.UNKNOWN;
    }

    /** Guesses that the end with the higher port is the client, because servers listen below the ephemeral ports. */
    static boolean isClient(ConnectionSnapshot snapshot) {
        return isGuessed(snapshot)
                ? snapshot.getLocalPort() >= snapshot.getRemotePort()
                : snapshot.getRole() == Role.CLIENT;
    }

    /** Whether the report is of the client's end, given what is stored of the same connection. */
    static boolean isClient(Entry entry, CheckedSnapshot report) {
        if (!report.roleGuessed()) {
            return report.client();
        }
        long socket = report.half().socket();
        if (entry.client() != null) {
            return entry.client().socket() == socket;
        }
        if (entry.server() != null) {
            return entry.server().socket() != socket;
        }
        return report.client();
    }
}
