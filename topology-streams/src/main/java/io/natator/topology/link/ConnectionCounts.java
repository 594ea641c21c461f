package io.natator.topology.link;

import io.natator.schemas.LinkTotals;

/**
 * Numbers of connections. {@link #builder} names the numbers at construction.
 *
 * @param opened connections that were established
 * @param closed established connections that have ended
 * @param failed connections that were never established
 * @param moved established connections that moved here from another link, minus those that moved away. A connection
 *     moves if its right link becomes known late. It counts as opened where it was established, and as closed where it
 *     ended
 */
public record ConnectionCounts(long opened, long closed, long failed, long moved) {
    public static final ConnectionCounts NONE = new ConnectionCounts(0, 0, 0, 0);

    /** A builder in which all numbers are 0 at first. */
    public static Builder builder() {
        return new Builder();
    }

    public static ConnectionCounts of(LinkTotals totals) {
        return builder()
                .opened(totals.getConnectionsOpened())
                .closed(totals.getConnectionsClosed())
                .failed(totals.getConnectionsFailed())
                .moved(totals.getConnectionsMoved())
                .build();
    }

    public ConnectionCounts plus(ConnectionCounts other) {
        return new ConnectionCounts(
                opened + other.opened, closed + other.closed, failed + other.failed, moved + other.moved);
    }

    public ConnectionCounts minus(ConnectionCounts earlier) {
        return new ConnectionCounts(
                opened - earlier.opened, closed - earlier.closed, failed - earlier.failed, moved - earlier.moved);
    }

    /** The number of connections that are open. */
    public long active() {
        return opened - closed + moved;
    }

    public static final class Builder {
        private long opened;
        private long closed;
        private long failed;
        private long moved;

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

        /** Connections that moved here, minus those that moved away; negative if more moved away. */
        public Builder moved(long count) {
            moved = count;
            return this;
        }

        public ConnectionCounts build() {
            return new ConnectionCounts(opened, closed, failed, moved);
        }
    }
}
