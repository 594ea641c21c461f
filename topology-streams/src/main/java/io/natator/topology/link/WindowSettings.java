package io.natator.topology.link;

import java.time.Duration;

/**
 * Length and lifetime of windows. {@link #builder} names the durations at construction.
 *
 * @param size length of a window; windows start at multiples of this length since the epoch
 * @param grace how long after its end a window accepts late deltas
 * @param retention how long a final window can be queried; zero if it cannot be queried
 */
public record WindowSettings(Duration size, Duration grace, Duration retention) {
    /** A builder; the length of a window has to be set. */
    public static Builder builder() {
        return new Builder();
    }

    long sizeMicros() {
        return size.toNanos() / 1000;
    }

    long graceMicros() {
        return grace.toNanos() / 1000;
    }

    long retentionMicros() {
        return retention.toNanos() / 1000;
    }

    /** Sets the durations by name. */
    public static final class Builder {
        private Duration size = Duration.ZERO;
        private Duration grace = Duration.ZERO;
        private Duration retention = Duration.ZERO;

        private Builder() {}

        /** Length of a window. */
        public Builder size(Duration duration) {
            size = duration;
            return this;
        }

        /** How long after its end a window accepts late deltas; zero if not set. */
        public Builder grace(Duration duration) {
            grace = duration;
            return this;
        }

        /** How long a final window can be queried; zero if not set. */
        public Builder retention(Duration duration) {
            retention = duration;
            return this;
        }

        /** The settings. */
        public WindowSettings build() {
            return new WindowSettings(size, grace, retention);
        }
    }
}
