package io.natator.topology.link;

import java.time.Duration;

/**
 * Length and lifetime of windows. {@link #builder} names the durations at construction.
 *
 * @param size length of a window; windows start at multiples of this length since the epoch
 * @param grace how long after its end a window accepts late deltas
 * @param retention how long a window can be queried after it became final; zero if final windows cannot be queried
 */
public record WindowSettings(Duration size, Duration grace, Duration retention) {
    /** A builder. The length of a window must be set. */
    public static Builder builder() {
        return new Builder();
    }

    long sizeMicros() {
        return Micros.of(size);
    }

    long graceMicros() {
        return Micros.of(grace);
    }

    long retentionMicros() {
        return Micros.of(retention);
    }

    public static final class Builder {
        private Duration size = Duration.ZERO;
        private Duration grace = Duration.ZERO;
        private Duration retention = Duration.ZERO;

        private Builder() {}

        public Builder size(Duration duration) {
            size = duration;
            return this;
        }

        public Builder grace(Duration duration) {
            grace = duration;
            return this;
        }

        public Builder retention(Duration duration) {
            retention = duration;
            return this;
        }

        public WindowSettings build() {
            return new WindowSettings(size, grace, retention);
        }
    }
}
