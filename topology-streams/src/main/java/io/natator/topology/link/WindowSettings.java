package io.natator.topology.link;

import java.time.Duration;

/**
 * How windows are cut.
 *
 * @param size length of a window; windows start at multiples of it since the epoch
 * @param grace how long after its end a window takes in what is late
 * @param retention how long a final window can still be asked for; zero for not at all
 */
public record WindowSettings(Duration size, Duration grace, Duration retention) {
    /**
     * One minute; two minutes of grace, because a quiet connection is heard of once a minute and may wait to be named;
     * kept for 15 minutes.
     */
    public static final WindowSettings DEFAULT =
            new WindowSettings(Duration.ofMinutes(1), Duration.ofMinutes(2), Duration.ofMinutes(15));

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
