package io.natator.topology.ledger;

import io.natator.schemas.Hashes;

/** Hashes that tell sockets and colliding connections apart. */
final class Fingerprints {
    private Fingerprints() {}

    /** 64 bits that stand for a socket of a boot. */
    static long socket(String bootId, long cookie) {
        return Hashes.mix(Hashes.fnv1a64(Hashes.FNV1A_64, bootId) + Hashes.mix(cookie));
    }

    /**
     * The ledger key of a connection whose fingerprint another one holds already, and of a sum of folded ones: its socket
     * stands for the moment the sum began on the boot clock, which no restart or step of a clock changes.
     */
    static long apart(long fingerprint, long socket) {
        return Hashes.mix(fingerprint ^ Long.rotateLeft(Hashes.mix(socket), 32));
    }
}
