package io.natator.topology.query;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request. A wrong parameter causes an {@link IllegalArgumentException}, whose message is one line
 * that says what to correct.
 */
final class QueryParameters {
    private final Map<String, String> values;

    private QueryParameters(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Parses a query string.
     *
     * @param query the query string, null if there is none
     * @param known names of the permitted parameters
     */
    static QueryParameters of(@Nullable String query, List<String> known) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            if (!known.contains(name)) {
                throw new IllegalArgumentException("unknown parameter '" + name + "': use " + String.join(", ", known));
            }
            if (values.put(name, equals < 0 ? "" : decoded(pair.substring(equals + 1))) != null) {
                throw new IllegalArgumentException("parameter '" + name + "' is given twice: give it once");
            }
        }
        return new QueryParameters(values);
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** Parses a parameter as a whole number from 1 to a maximum. Empty if the parameter is not given. */
    OptionalInt count(String name, int most) {
        @Nullable String text = values.get(name);
        if (text == null) {
            return OptionalInt.empty();
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException(name + " is '" + text + "': use a whole number from 1 to " + most);
        }
        return OptionalInt.of(Integer.parseInt(text));
    }

    /**
     * Parses a parameter as a time, in ISO 8601 (UTC) or in seconds since the epoch. Empty if the parameter is not
     * given.
     */
    Optional<Instant> time(String name) {
        @Nullable String text = values.get(name);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    text.matches("[0-9]{1,11}") ? Instant.ofEpochSecond(Long.parseLong(text)) : Instant.parse(text));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    name + " is '" + text + "': use a time such as 2026-01-31T12:00:00Z, or seconds since the epoch",
                    e);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
