package io.natator.http.logging;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats the time of a log event: ISO 8601 in UTC, to the millisecond. */
final class EventTime {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private EventTime() {}

    static void append(long epochMillis, StringBuilder text) {
        FORMAT.formatTo(Instant.ofEpochMilli(epochMillis), text);
    }
}
