package io.natator.collector;

import java.time.Duration;

/** Durations as operators write them: {@code 200ms}, {@code 5s}, {@code 2m}, {@code 1h}. */
final class Durations {
    private Durations() {}

    /** The duration in the largest unit that shows it in whole numbers. */
    static String format(Duration duration) {
        if (duration.toMillis() % 1_000 != 0) {
            return duration.toMillis() + "ms";
        }
        if (duration.isZero() || duration.toSeconds() % 60 != 0) {
            return duration.toSeconds() + "s";
        }
        return duration.toMinutes() % 60 != 0 ? duration.toMinutes() + "m" : duration.toHours() + "h";
    }
}
