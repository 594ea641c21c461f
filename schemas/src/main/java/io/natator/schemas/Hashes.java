package io.natator.schemas;

/** Hash functions whose values are the same in every service and every release. None is cryptographic. */
public final class Hashes {
    /** The FNV-1a hash of no data, which is the initial value for {@link #fnv1a64}. */
    public static final long FNV1A_64 = 0xcbf29ce484222325L;

    /** The prime of FNV with 64 bits. */
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
     * @param hash hash of the preceding data; {@link #FNV1A_64} if there is none
     */
    public static long fnv1a64(long hash, byte[] data) {
        long result = hash;
        for (byte octet : data) {
            result = (result ^ (octet & 0xff)) * FNV_PRIME_64;
        }
        return result;
    }

    /**
     * FNV-1a, 64 bits, of a text. The text is not copied.
     *
     * @param hash hash of the preceding data; {@link #FNV1A_64} if there is none
     * @param ascii text in ASCII
     */
    public static long fnv1a64(long hash, CharSequence ascii) {
        long result = hash;
        for (int i = 0; i < ascii.length(); i++) {
            result = (result ^ ascii.charAt(i)) * FNV_PRIME_64;
        }
        return result;
    }

    /**
     * The last step (finalizer) of SplitMix64 (Steele, Lea, Flood 2014), which mixes the bits of a number. A change of
     * one bit of the input changes about half of the bits of the result.
     */
    public static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
