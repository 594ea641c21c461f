package io.natator.topology.link;

import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Payload bytes and segments in each direction of a connection or link; for UDP, segments are datagrams.
 * {@link #builder} names the counters at construction.
 */
public record Traffic(long bytesToServer, long bytesToClient, long segmentsToServer, long segmentsToClient) {
    /** No traffic. */
    public static final Traffic NONE = new Traffic(0, 0, 0, 0);

    /** A builder whose counters are 0. */
    public static Builder builder() {
        return new Builder();
    }

    /** Payload bytes of both directions. */
    public long bytes() {
        return bytesToServer + bytesToClient;
    }

    /** Segments of both directions. */
    public long segments() {
        return segmentsToServer + segmentsToClient;
    }

    /** The sum of this traffic and another one. */
    public Traffic plus(Traffic other) {
        return combine(other, Long::sum);
    }

    /** The growth since an earlier state. */
    public Traffic minus(Traffic earlier) {
        return combine(earlier, (now, before) -> now - before);
    }

    /** The larger value of each counter. */
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

    /** Sets the counters by name. */
    public static final class Builder {
        private long bytesToServer;
        private long bytesToClient;
        private long segmentsToServer;
        private long segmentsToClient;

        private Builder() {}

        /** Payload bytes from the client to the server. */
        public Builder bytesToServer(long bytes) {
            bytesToServer = bytes;
            return this;
        }

        /** Payload bytes from the server to the client. */
        public Builder bytesToClient(long bytes) {
            bytesToClient = bytes;
            return this;
        }

        /** Segments from the client to the server. */
        public Builder segmentsToServer(long segments) {
            segmentsToServer = segments;
            return this;
        }

        /** Segments from the server to the client. */
        public Builder segmentsToClient(long segments) {
            segmentsToClient = segments;
            return this;
        }

        /** The counters that were set. */
        public Traffic build() {
            return new Traffic(bytesToServer, bytesToClient, segmentsToServer, segmentsToClient);
        }
    }
}
