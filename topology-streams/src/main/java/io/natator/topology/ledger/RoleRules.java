package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.Role;

/**
 * Decides whether a snapshot is of the client's or the server's end. The role that the collector reported is used. A
 * snapshot without a role is compared with the stored reports: the same socket is the same end, another socket is the
 * other end. If nothing is stored, the role is guessed from the ports. Pure.
 */
final class RoleRules {
    private RoleRules() {}

    static boolean isGuessed(ConnectionSnapshot snapshot) {
        return snapshot.getRole() == Role.UNKNOWN;
    }

    /**
     * Whether the snapshot is of the client's end. Without a role, the end with the higher port counts as the client,
     * because servers usually listen on lower ports than clients use.
     */
    static boolean isClient(ConnectionSnapshot snapshot) {
        return isGuessed(snapshot)
                ? snapshot.getLocalPort() >= snapshot.getRemotePort()
                : snapshot.getRole() == Role.CLIENT;
    }

    /** Whether the report is of the client's end; takes the stored reports of the same connection into account. */
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
