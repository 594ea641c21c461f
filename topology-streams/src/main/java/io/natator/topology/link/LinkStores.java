package io.natator.topology.link;

import java.util.Base64;

/**
 * Names and keys of the state stores of links. Each partition of the repartition topic {@code link-deltas} has its own
 * store of each name.
 */
public final class LinkStores {
    /** Store of the totals of all links. Its keys are encoded link keys, its values are {@code LinkTotals}. */
    public static final String TOTALS = "link-totals";

    /** Store of the encoded keys of the links that have their own series; the values are empty. */
    public static final String SERIES = "link-series";

    /**
     * Store of sums of several links. Its keys are {@link #OTHER_KEY}, {@link #RETIRED_KEY} and one key for each
     * address prefix.
     */
    public static final String OTHER = "link-other";

    /**
     * Key of the sum of all links that have neither their own series nor are counted under an address prefix. Links
     * that are retired (removed when idle) stay in this sum, so it never decreases.
     */
    public static final String OTHER_KEY = "other";

    /**
     * Key of the sum of retired series: the last totals of address prefixes and of links with their own series, added
     * when these are removed because they are idle.
     */
    public static final String RETIRED_KEY = "retired";

    /**
     * Store of time windows. A key is the window start (8 bytes, big-endian) and the encoded link key, see
     * {@link WindowKeys}; the value is a {@code LinkWindow}. The store contains open windows, and final windows until
     * their retention is over.
     */
    public static final String WINDOWS = "link-windows";

    /**
     * Store of a single number: the end of the last window that is final (cannot change any more), in microseconds
     * since the epoch.
     */
    static final String CLOSED_UNTIL = "link-windows-closed";

    /** The only key of {@link #CLOSED_UNTIL}. */
    static final String CLOSED_UNTIL_KEY = "closed-until";

    private static final String PREFIX = "prefix/";

    private LinkStores() {}

    /**
     * The key of an address prefix in {@link #OTHER}.
     *
     * @param link the encoded link key, with the prefix as the name of the external end
     */
    static String prefixKey(byte[] link) {
        return PREFIX + Base64.getEncoder().encodeToString(link);
    }

    /** Whether a key of {@link #OTHER} belongs to an address prefix. */
    public static boolean isPrefix(String key) {
        return key.startsWith(PREFIX);
    }

    /** Extracts the encoded link key from the key of an address prefix in {@link #OTHER}. */
    public static byte[] prefixLink(String key) {
        return Base64.getDecoder().decode(key.substring(PREFIX.length()));
    }
}
