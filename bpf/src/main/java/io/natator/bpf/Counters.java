package io.natator.bpf;

/**
 * How much a connection has transferred since it began. Create an instance with {@link #builder}.
 *
 * @param bytesSent bytes of payload that were transmitted at least once, even if the peer has not acknowledged them yet
 * @param bytesAcked bytes of payload that the peer has acknowledged; UDP: the same as {@code bytesSent}
 * @param bytesReceived bytes of payload that were received in order
 * @param segmentsSent number of segments (TCP) or datagrams (UDP) sent. For one TCP connection, the kernel counts
 *     modulo 2<sup>32</sup> ({@code tcp_sock.segs_out}), so the number starts again at 0 after about 6 TB
 * @param segmentsReceived number of segments (TCP) or datagrams (UDP) received, for one TCP connection modulo
 *     2<sup>32</sup> ({@code tcp_sock.segs_in})
 * @param retransmits number of retransmitted segments, modulo 2<sup>32</sup> ({@code tcp_sock.total_retrans})
 * @param connections number of connections that the counters belong to: 1, except in a sum
 */
public record Counters(
        long bytesSent,
        long bytesAcked,
        long bytesReceived,
        long segmentsSent,
        long segmentsReceived,
        long retransmits,
        long connections) {
    /** Returns a builder; counters that are not set are 0, and {@code connections} is 1. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds {@link Counters}. Not thread-safe. */
    public static final class Builder {
        private long bytesSent;
        private long bytesAcked;
        private long bytesReceived;
        private long segmentsSent;
        private long segmentsReceived;
        private long retransmits;
        private long connections = 1;

        private Builder() {}

        public Builder bytesSent(long bytes) {
            bytesSent = bytes;
            return this;
        }

        public Builder bytesAcked(long bytes) {
            bytesAcked = bytes;
            return this;
        }

        public Builder bytesReceived(long bytes) {
            bytesReceived = bytes;
            return this;
        }

        public Builder segmentsSent(long segments) {
            segmentsSent = segments;
            return this;
        }

        public Builder segmentsReceived(long segments) {
            segmentsReceived = segments;
            return this;
        }

        public Builder retransmits(long segments) {
            retransmits = segments;
            return this;
        }

        public Builder connections(long count) {
            connections = count;
            return this;
        }

        public Counters build() {
            return new Counters(
                    bytesSent, bytesAcked, bytesReceived, segmentsSent, segmentsReceived, retransmits, connections);
        }
    }
}
