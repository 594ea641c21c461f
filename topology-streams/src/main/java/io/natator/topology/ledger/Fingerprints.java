package io.natator.topology.ledger;

/** Hashes that tell sockets and colliding connections apart. */
final class Fingerprints {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Fingerprints() {}

    /** 64 bits that stand for a socket of a boot. */
    static long socket(String bootId, long cookie) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < bootId.length(); i++) {
            hash = (hash ^ bootId.charAt(i)) * FNV_PRIME;
        }
        return mix(hash + mix(cookie));
    }

    /**
     * The ledger key of a connection whose fingerprint another one holds already, and of a sum of folded ones: its socket
     * stands for the moment the sum began on the boot clock, which no restart or step of a clock changes.
     */
    static long apart(long fingerprint, long socket) {
        return mix(fingerprint ^ Long.rotateLeft(mix(socket), 32));
    }

    /** The finalizer of SplitMix64: every bit of the input changes half the bits of the output. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
