package io.natator.topology.link;

/**
 * Numbers of connections. {@link #builder} names the numbers at construction.
 *
 * @param opened connections that were established
 * @param closed established connections that have ended
 * @param failed connections that were never established
 */
public record ConnectionCounts(long opened, long closed, long failed) {
    public static final ConnectionCounts NONE = new ConnectionCounts(0, 0, 0);

    /** A builder in which all numbers are 0 at first. */
    public static Builder builder() {
        return new Builder();
    }

    public ConnectionCounts plus(ConnectionCounts other) {
        return new ConnectionCounts(opened + other.opened, closed + other.closed, failed + other.failed);
    }

    public ConnectionCounts minus(ConnectionCounts earlier) {
        return new ConnectionCounts(opened - earlier.opened, closed - earlier.closed, failed - earlier.failed);
    }

    public static final class Builder {
        private long opened;
        private long closed;
        private long failed;

        private Builder() {}

        public Builder opened(long count) {
            opened = count;
            return this;
        }

        public Builder closed(long count) {
            closed = count;
            return this;
        }

        public Builder failed(long count) {
            failed = count;
            return this;
        }

        public ConnectionCounts build() {
            return new ConnectionCounts(opened, closed, failed);
        }
    }
}
