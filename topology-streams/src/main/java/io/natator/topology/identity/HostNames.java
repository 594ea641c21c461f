package io.natator.topology.identity;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is taken for the name of a host, whoever says so. */
final class HostNames {
    /** RFC 1123, and the underscores that are seen all the same. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?");

    /** A last label of digits makes it an address (RFC 1123, 2.1), which is no name. */
    private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?[0-9]+");

    private HostNames() {}

    /** The name in lower case without the dot of the root, or null if it is none. */
    static @Nullable String normalized(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String lower = text.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return NAME.matcher(name).matches() && !NUMERIC.matcher(name).matches() ? name : null;
    }
}
