package io.natator.topology.identity;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Accepts host names, whatever their source. */
final class HostNames {
    /** RFC 1123, and underscores, which are common though the RFC forbids them. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?");

    /** A name whose last label has only digits is an address (RFC 1123, 2.1). */
    private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?[0-9]+");

    private HostNames() {}

    /** The name in lower case without a trailing dot; null if the text is no host name. */
    static @Nullable String normalized(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String lower = text.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return NAME.matcher(name).matches() && !NUMERIC.matcher(name).matches() ? name : null;
    }
}
