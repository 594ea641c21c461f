package io.natator.schemas;

/** Hash functions whose values are the same in every service and every release. None is cryptographic. */
public final class Hashes {
    /** The hash of nothing, from which {@link #fnv1a64} starts. */
    public static final long FNV1A_64 = 0xcbf29ce484222325L;

    /** The 64-bit prime of FNV. */
    public static final long FNV_PRIME_64 = 0x100000001b3L;

    private static final int FNV1A_32 = 0x811c9dc5;
    private static final int FNV_PRIME_32 = 0x01000193;

    private Hashes() {}

    /** FNV-1a (draft-eastlake-fnv), 32 bits. */
    public static int fnv1a32(byte[] data) {
        int hash = FNV1A_32;
        for (byte octet : data) {
            hash = (hash ^ (octet & 0xff)) * FNV_PRIME_32;
        }
        return hash;
    }

    /**
     * FNV-1a, 64 bits.
     *
     * @param hash of what comes before the data, {@link #FNV1A_64} if nothing does
     */
    public static long fnv1a64(long hash, byte[] data) {
        long result = hash;
        for (byte octet : data) {
            result = (result ^ (octet & 0xff)) * FNV_PRIME_64;
        }
        return result;
    }

    /**
     * FNV-1a, 64 bits, without a copy of the text.
     *
     * @param hash of what comes before the text, {@link #FNV1A_64} if nothing does
     * @param ascii text in ASCII
     */
    public static long fnv1a64(long hash, CharSequence ascii) {
        long result = hash;
        for (int i = 0; i < ascii.length(); i++) {
            result = (result ^ ascii.charAt(i)) * FNV_PRIME_64;
        }
        return result;
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input changes half the bits of the result. */
    public static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
