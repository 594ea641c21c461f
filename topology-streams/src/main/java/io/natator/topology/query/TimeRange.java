package io.natator.topology.query;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A range of time in whole windows.
 *
 * @param from inclusive
 * @param to exclusive
 */
public record TimeRange(Instant from, Instant to) {

    /**
     * What can be asked for.
     *
     * @param window length of a window
     * @param grace how long a window stays open after its end
     * @param retention how long a final window is kept
     */
    public record AvailableWindows(Duration window, Duration grace, Duration retention, InstantSource clock) {

        /**
         * The windows that overlap with a range.
         *
         * @param to now, if empty
         * @throws IllegalArgumentException with one line that says what is wrong and what would be right
         */
        TimeRange range(Instant from, Optional<Instant> to) {
            Instant now = clock.instant();
            Instant end = to.orElse(now);
            if (!from.isBefore(end)) {
                throw new IllegalArgumentException("from is " + from + ", not before to, " + end + ": ask for a range");
            }
            Instant earliest = now.minus(retention).minus(grace).minus(window);
            if (from.isBefore(earliest)) {
                throw new IllegalArgumentException("from is " + from + ", but windows are kept since " + earliest
                        + " only: ask for later ones, or have --window-retention raised");
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
