package io.natator.topology.ledger;

import io.natator.schemas.Hashes;

/** Hashes that identify sockets, and connections whose fingerprints collide. */
final class Fingerprints {
    private Fingerprints() {}

    /** 64 bits that identify a socket of a boot. */
    static long ofSocket(String bootId, long cookie) {
        return Hashes.mix(Hashes.fnv1a64(Hashes.FNV1A_64, bootId) + Hashes.mix(cookie));
    }

    /**
     * The ledger key of a connection whose fingerprint another connection has already, and of a sum of folded
     * connections. The socket of a folded sum identifies the time of the boot clock at which the sum was started;
     * neither a restart nor a step of the wall clock changes it.
     */
    static long distinctKey(long fingerprint, Half half) {
        return Hashes.mix(fingerprint ^ Long.rotateLeft(Hashes.mix(half.socket()), 32));
    }
}
