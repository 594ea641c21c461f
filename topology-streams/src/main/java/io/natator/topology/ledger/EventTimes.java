package io.natator.topology.ledger;

/**
 * Times of an activity event, in microseconds since the epoch. {@link #builder} names them at construction.
 *
 * @param startedAt when the connection was opened
 * @param since time of the previous event of the connection, or of its start
 * @param at when the event happened
 */
public record EventTimes(long startedAt, long since, long at) {
    /** A builder whose times are 0. */
    public static Builder builder() {
        return new Builder();
    }

    /** Sets the times by name. */
    public static final class Builder {
        private long startedAt;
        private long since;
        private long at;

        private Builder() {}

        /** When the connection was opened. */
        public Builder startedAt(long micros) {
            startedAt = micros;
            return this;
        }

        /** Time of the previous event, or of the start. */
        public Builder since(long micros) {
            since = micros;
            return this;
        }

        /** When the event happened. */
        public Builder at(long micros) {
            at = micros;
            return this;
        }

        /** The times that were set. */
        public EventTimes build() {
            return new EventTimes(startedAt, since, at);
        }
    }
}
