package io.natator.topology.query;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A range of time that consists of whole windows.
 *
 * @param from inclusive
 * @param to exclusive
 */
public record TimeRange(Instant from, Instant to) {

    /**
     * The windows that can be queried.
     *
     * @param window length of a window
     * @param grace how long after its end a window becomes final
     * @param retention how long a final window is stored
     */
    public record AvailableWindows(Duration window, Duration grace, Duration retention, InstantSource clock) {

        /**
         * The windows that overlap a range.
         *
         * @param to empty for now
         * @throws IllegalArgumentException if the range is empty or starts too early; the message is one line that says
         *     what to correct
         */
        TimeRange range(Instant from, Optional<Instant> to) {
            Instant now = clock.instant();
            Instant end = to.orElse(now);
            if (!from.isBefore(end)) {
                throw new IllegalArgumentException("from is " + from + ", not before to, " + end + ": ask for a range");
            }
            Instant earliest = now.minus(retention).minus(grace).minus(window);
            if (from.isBefore(earliest)) {
                throw new IllegalArgumentException("from is " + from + ", but windows before " + earliest
                        + " are not stored: use a later time, or increase --window-retention");
            }
            Instant last = start(end);
            return new TimeRange(start(from), last.equals(end) ? end : last.plus(window));
        }

        private Instant start(Instant time) {
            long millis = window.toMillis();
            return Instant.ofEpochMilli(time.toEpochMilli() / millis * millis);
        }
    }
}
