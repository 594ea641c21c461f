package io.natator.topology.link;

import java.util.Base64;

/** The stores of links that are read from outside the stream. Each partition of the deltas has one of each. */
public final class LinkStores {
    /** Encoded link key to {@code LinkTotals}, of all links. */
    public static final String TOTALS = "link-totals";

    /** Encoded keys of the links that have series of their own; the values are empty. */
    public static final String SERIES = "link-series";

    /** Sums of links: {@link #OTHER_KEY}, {@link #RETIRED_KEY}, and one for each address prefix. */
    public static final String OTHER = "link-other";

    /**
     * The sum of the links that have no series of their own and are not counted under a prefix, retired ones included.
     * It never decreases.
     */
    public static final String OTHER_KEY = "other";

    /** The sum of retired series: the last totals of links with series of their own, and of prefixes. */
    public static final String RETIRED_KEY = "retired";

    /**
     * Window start (8 bytes, big-endian) and encoded link key to {@code LinkWindow}: windows that are not final, and
     * final ones until their retention is over. See {@link WindowKeys}.
     */
    public static final String WINDOWS = "link-windows";

    /** {@link #CLOSED_UNTIL_KEY} to the end of the last final window, in microseconds since the epoch. */
    static final String CLOSED_UNTIL = "link-windows-closed";

    /** The only key of {@link #CLOSED_UNTIL}. */
    static final String CLOSED_UNTIL_KEY = "closed-until";

    private static final String PREFIX = "prefix/";

    private LinkStores() {}

    /**
     * The key in {@link #OTHER} of the sum of a prefix; {@code link} is the encoded link key with the prefix as name.
     */
    static String prefixKey(byte[] link) {
        return PREFIX + Base64.getEncoder().encodeToString(link);
    }

    /** Whether a key of {@link #OTHER} is of a prefix. */
    public static boolean isPrefix(String key) {
        return key.startsWith(PREFIX);
    }

    /** The encoded link key with the prefix as name. */
    public static byte[] prefixLink(String key) {
        return Base64.getDecoder().decode(key.substring(PREFIX.length()));
    }
}
