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
     * A hash that identifies a socket: a cookie is unique within a boot, and each boot of each node has a different id.
     */
    static long ofSocket(String bootId, long cookie) {
        return Hashes.mix(Hashes.fnv1a64(Hashes.FNV1A_64, bootId) + Hashes.mix(cookie));
    }

    /**
     * The key of a connection in the ledger, if no collision changes it. Usually this is the fingerprint. A node that
     * starts several sums of folded connections between the same addresses, one after the other, reports them under the
     * same fingerprint, so each sum gets a distinct key.
     */
    static long ledgerKey(long fingerprint, Half half) {
        return half.phase() == Phase.FOLDED ? distinctKey(fingerprint, half) : fingerprint;
    }

    /** Whether the report is from another socket than the stored reports of the same end. */
    static boolean collide(@Nullable Entry entry, CheckedSnapshot report) {
        if (entry == null || report.roleGuessed()) {
            return false;
        }
        Half known = entry.halves().of(report.client());
        return known != null && known.socket() != report.half().socket();
    }

    /**
     * The ledger key of a connection whose fingerprint another connection already has, and of a sum of folded
     * connections (state FOLDED). The socket cookie of such a sum is the time of the boot clock at which the sum was
     * started. So neither a restart of the collector nor a step of the wall clock changes the key.
     */
    static long distinctKey(long fingerprint, Half half) {
        return Hashes.mix(fingerprint ^ Long.rotateLeft(Hashes.mix(half.socket()), 32));
    }
}
