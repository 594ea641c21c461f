package io.natator.topology.ledger;

import io.natator.schemas.Hashes;
import org.jspecify.annotations.Nullable;

/**
 * Decides which reports belong to the same connection. Reports with one fingerprint belong to one connection, unless
 * they come from different sockets of the same end (a collision). Pure.
 */
final class Fingerprints {
    private Fingerprints() {}

    /**
     * A hash that identifies a socket. The socket cookie is unique within a boot of the node, and each boot of each
     * node has its own id.
     */
    static long ofSocket(String bootId, long cookie) {
        return Hashes.mix(Hashes.fnv1a64(Hashes.FNV1A_64, bootId) + Hashes.mix(cookie));
    }

    /**
     * The key of a connection in the ledger; after a collision, {@link #distinctKey} is used instead. Usually the key
     * is the fingerprint. The state FOLDED is an exception: such a report is a sum of several connections between two
     * addresses. A node can report several such sums, one after the other, under the same fingerprint, so each sum gets
     * a distinct key.
     */
    static long ledgerKey(long fingerprint, Half half) {
        return half.phase() == Phase.FOLDED ? distinctKey(fingerprint, half) : fingerprint;
    }

    /**
     * Whether the report and the stored reports of the same end come from different sockets, so that they belong to
     * different connections.
     */
    static boolean collide(@Nullable Entry entry, CheckedSnapshot report) {
        if (entry == null || report.roleGuessed()) {
            return false;
        }
        Half known = entry.halves().of(report.client());
        return known != null && known.socket() != report.half().socket();
    }

    /**
     * A ledger key that also depends on the socket. It is for a connection whose fingerprint another connection already
     * has, and for a sum of several connections (state FOLDED). A sum has no socket; its socket cookie is the time
     * since boot at which the sum was started. So neither a restart of the collector nor a step of the wall clock
     * changes the key.
     */
    static long distinctKey(long fingerprint, Half half) {
        return Hashes.mix(fingerprint ^ Long.rotateLeft(Hashes.mix(half.socket()), 32));
    }
}
