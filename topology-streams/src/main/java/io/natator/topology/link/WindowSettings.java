package io.natator.topology.link;

import java.time.Duration;

/**
 * Length and lifetime of windows.
 *
 * @param size length of a window; windows start at multiples of it since the epoch
 * @param grace how long after its end a window accepts late deltas
 * @param retention how long a final window can be queried; zero for not at all
 */
public record WindowSettings(Duration size, Duration grace, Duration retention) {
    long sizeMicros() {
        return size.toNanos() / 1000;
    }

    long graceMicros() {
        return grace.toNanos() / 1000;
    }

    long retentionMicros() {
        return retention.toNanos() / 1000;
    }
}
