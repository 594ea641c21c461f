package io.natator.topology.link;

import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Payload bytes and segments in each direction of a connection or link; for UDP, segments are datagrams.
 * {@link #builder} names the counters at construction.
 */
public record Traffic(long bytesToServer, long bytesToClient, long segmentsToServer, long segmentsToClient) {
    public static final Traffic NONE = new Traffic(0, 0, 0, 0);

    /** A builder in which all counters are 0 at first. */
    public static Builder builder() {
        return new Builder();
    }

    public long bytes() {
        return bytesToServer + bytesToClient;
    }

    public long segments() {
        return segmentsToServer + segmentsToClient;
    }

    public Traffic plus(Traffic other) {
        return combine(other, Long::sum);
    }

    public Traffic minus(Traffic earlier) {
        return combine(earlier, (now, before) -> now - before);
    }

    public Traffic max(Traffic other) {
        return combine(other, Math::max);
    }

    Traffic map(LongUnaryOperator operator) {
        return combine(this, (value, same) -> operator.applyAsLong(value));
    }

    private Traffic combine(Traffic other, LongBinaryOperator operator) {
        return new Traffic(
                operator.applyAsLong(bytesToServer, other.bytesToServer),
                operator.applyAsLong(bytesToClient, other.bytesToClient),
                operator.applyAsLong(segmentsToServer, other.segmentsToServer),
                operator.applyAsLong(segmentsToClient, other.segmentsToClient));
    }

    public static final class Builder {
        private long bytesToServer;
        private long bytesToClient;
        private long segmentsToServer;
        private long segmentsToClient;

        private Builder() {}

        public Builder bytesToServer(long bytes) {
            bytesToServer = bytes;
            return this;
        }

        public Builder bytesToClient(long bytes) {
            bytesToClient = bytes;
            return this;
        }

        public Builder segmentsToServer(long segments) {
            segmentsToServer = segments;
            return this;
        }

        public Builder segmentsToClient(long segments) {
            segmentsToClient = segments;
            return this;
        }

        public Traffic build() {
            return new Traffic(bytesToServer, bytesToClient, segmentsToServer, segmentsToClient);
        }
    }
}
