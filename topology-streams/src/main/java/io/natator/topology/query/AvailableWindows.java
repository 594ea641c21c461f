package io.natator.topology.query;

import io.natator.topology.link.WindowSettings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Decides which ranges of time can be queried: those whose time windows are still stored.
 *
 * @param windows length and lifetime of windows
 * @param clock the wall clock
 */
public record AvailableWindows(WindowSettings windows, InstantSource clock) {

    /**
     * Returns the smallest range of whole windows that contains the given range.
     *
     * @param to empty for the current time
     * @throws IllegalArgumentException if the range is empty or starts too early; the message is one line that says
     *     what to correct
     */
    TimeRange range(Instant from, Optional<Instant> to) {
        Instant now = clock.instant();
        Instant end = to.orElse(now);
        if (!from.isBefore(end)) {
            throw new IllegalArgumentException("from is " + from + ", not before to, " + end + ": ask for a range");
        }
        Instant earliest = now.minus(windows.retention()).minus(windows.grace()).minus(windows.size());
        if (from.isBefore(earliest)) {
            throw new IllegalArgumentException("from is " + from + ", but windows before " + earliest
                    + " are not stored: use a later time, or increase --window-retention");
        }
        Instant last = start(end);
        return new TimeRange(start(from), last.equals(end) ? end : last.plus(windows.size()));
    }

    private Instant start(Instant time) {
        long millis = windows.size().toMillis();
        return Instant.ofEpochMilli(time.toEpochMilli() / millis * millis);
    }
}
