package io.natator.topology.link;

import java.time.Duration;

/**
 * How windows are cut.
 *
 * @param size length of a window; windows start at multiples of it since the epoch
 * @param grace how long after its end a window takes in what is late
 */
public record WindowBounds(Duration size, Duration grace) {
    /** One minute, two minutes of grace: a quiet connection is heard of once a minute, and may wait to be named. */
    public static final WindowBounds DEFAULT = new WindowBounds(Duration.ofMinutes(1), Duration.ofMinutes(2));

    long sizeMicros() {
        return size.toNanos() / 1000;
    }

    long graceMicros() {
        return grace.toNanos() / 1000;
    }
}
