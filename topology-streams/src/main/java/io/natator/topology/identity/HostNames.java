package io.natator.topology.identity;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides which names are valid host names, and normalizes them. */
final class HostNames {
    /** Matches a host name as in RFC 1123. Underscores are accepted too: the RFC forbids them, but they are common. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?");

    /** Matches a name whose last label has only digits. Such a name is an address, not a host name (RFC 1123, 2.1). */
    private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?[0-9]+");

    private HostNames() {}

    /** Returns the name in lower case and without a trailing dot; null if the text is not a host name. */
    static @Nullable String normalized(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String lower = text.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return NAME.matcher(name).matches() && !NUMERIC.matcher(name).matches() ? name : null;
    }
}
