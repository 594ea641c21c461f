package io.natator.topology.link;

import java.util.Base64;

/** The stores of links that are read from outside the stream: one of each per partition of the deltas. */
public final class LinkStores {
    /** Encoded link key to {@code LinkTotals}, all links. */
    public static final String TOTALS = "link-totals";

    /** Encoded link keys that have series of their own; the values say nothing. */
    public static final String SERIES = "link-series";

    /** Sums over links: {@link #OTHER_KEY}, {@link #RETIRED_KEY} and those of address prefixes. */
    public static final String OTHER = "link-other";

    /**
     * The sum of the links that have no series of their own and are in no prefix's, retired ones included: it never goes back.
     */
    public static final String OTHER_KEY = "other";

    /** The sum of what links with series of their own, and prefixes, amounted to when they were retired. */
    public static final String RETIRED_KEY = "retired";

    /**
     * Window start (8 bytes, big-endian) and encoded link key to {@code LinkWindow}: those that are not final, and final ones for their
     * retention. See {@link WindowKeys}.
     */
    public static final String WINDOWS = "link-windows";

    /** {@link #CLOSED_UNTIL_KEY} to the end of the last final window, in microseconds since the epoch. */
    static final String CLOSED_UNTIL = "link-windows-closed";

    /** The only key of {@link #CLOSED_UNTIL}. */
    static final String CLOSED_UNTIL_KEY = "closed-until";

    private static final String PREFIX = "prefix/";

    private LinkStores() {}

    /** The key in {@link #OTHER} of a sum over links whose addresses share a prefix: {@code link} has it in their place. */
    static String prefixKey(byte[] link) {
        return PREFIX + Base64.getEncoder().encodeToString(link);
    }

    /** Whether a key of {@link #OTHER} is a prefix's. */
    public static boolean isPrefix(String key) {
        return key.startsWith(PREFIX);
    }

    /** The encoded link key with the prefix in the addresses' place. */
    public static byte[] prefixLink(String key) {
        return Base64.getDecoder().decode(key.substring(PREFIX.length()));
    }
}
