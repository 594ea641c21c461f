package io.natator.topology.link;

import java.util.Base64;

/** Names and keys of the state stores of links. Each partition of the deltas has one store of each name. */
public final class LinkStores {
    /** Store of the totals of all links: encoded link key to {@code LinkTotals}. */
    public static final String TOTALS = "link-totals";

    /** Store of the encoded keys of the links that have their own series; the values are empty. */
    public static final String SERIES = "link-series";

    /**
     * Store of sums of links, with the keys {@link #OTHER_KEY}, {@link #RETIRED_KEY} and one key per address prefix.
     */
    public static final String OTHER = "link-other";

    /**
     * The sum of the links that neither have their own series nor are counted under a prefix. Retired links stay in the
     * sum, so it never decreases.
     */
    public static final String OTHER_KEY = "other";

    /** The sum of retired series: the last totals of retired prefixes and of retired links with their own series. */
    public static final String RETIRED_KEY = "retired";

    /**
     * Store of windows: window start (8 bytes, big-endian) and encoded link key to {@code LinkWindow}, see
     * {@link WindowKeys}. The store contains open windows, and final windows until their retention is over.
     */
    public static final String WINDOWS = "link-windows";

    /** Store of one number: the end of the last final window, in microseconds since the epoch. */
    static final String CLOSED_UNTIL = "link-windows-closed";

    /** The only key of {@link #CLOSED_UNTIL}. */
    static final String CLOSED_UNTIL_KEY = "closed-until";

    private static final String PREFIX = "prefix/";

    private LinkStores() {}

    /**
     * The key of a prefix in {@link #OTHER}.
     *
     * @param link the encoded link key, with the prefix as the name of the external end
     */
    static String prefixKey(byte[] link) {
        return PREFIX + Base64.getEncoder().encodeToString(link);
    }

    /** Whether a key of {@link #OTHER} belongs to a prefix. */
    public static boolean isPrefix(String key) {
        return key.startsWith(PREFIX);
    }

    /** The encoded link key that a prefix's key in {@link #OTHER} contains. */
    public static byte[] prefixLink(String key) {
        return Base64.getDecoder().decode(key.substring(PREFIX.length()));
    }
}
