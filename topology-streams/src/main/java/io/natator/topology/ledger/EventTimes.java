package io.natator.topology.ledger;

/**
 * Times of an activity event, in microseconds since the epoch. {@link #builder} names the times at construction.
 *
 * @param startedAt when the connection was opened
 * @param since when the previous event of the connection happened; the start of the connection if there was none
 * @param at when this event happened
 */
public record EventTimes(long startedAt, long since, long at) {
    /** A builder in which all times are 0 at first. */
    public static Builder builder() {
        return new Builder();
    }

    public static final class Builder {
        private long startedAt;
        private long since;
        private long at;

        private Builder() {}

        public Builder startedAt(long micros) {
            startedAt = micros;
            return this;
        }

        public Builder since(long micros) {
            since = micros;
            return this;
        }

        public Builder at(long micros) {
            at = micros;
            return this;
        }

        public EventTimes build() {
            return new EventTimes(startedAt, since, at);
        }
    }
}
