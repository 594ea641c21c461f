package io.natator.topology.ledger;

/** Hashes that identify sockets, and connections whose fingerprints collide. */
final class Fingerprints {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Fingerprints() {}

    /** 64 bits that identify a socket of a boot. */
    static long ofSocket(String bootId, long cookie) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < bootId.length(); i++) {
            hash = (hash ^ bootId.charAt(i)) * FNV_PRIME;
        }
        return mix(hash + mix(cookie));
    }

    /**
     * The ledger key of a connection whose fingerprint another connection has already, and of a sum of folded
     * connections. The socket of a folded sum identifies the time of the boot clock at which the sum was started;
     * neither a restart nor a step of the wall clock changes it.
     */
    static long distinctKey(long fingerprint, Half half) {
        return mix(fingerprint ^ Long.rotateLeft(mix(half.socket()), 32));
    }

    /** The finalizer of SplitMix64: each bit of the input changes half the bits of the output on average. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
