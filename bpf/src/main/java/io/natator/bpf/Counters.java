package io.natator.bpf;

/**
 * How much a connection has transferred: cumulative over its life. {@link #builder} makes one.
 *
 * @param bytesSent payload transmitted at least once, in flight included
 * @param bytesAcked payload acknowledged by the peer
 * @param bytesReceived payload received in order
 * @param segmentsSent segments (TCP) or datagrams (UDP) sent; of one TCP connection modulo 2<sup>32</sup>, since the
 *     kernel counts in 32 bits ({@code tcp_sock.segs_out}): after about 6 TB it begins again at 0
 * @param segmentsReceived segments (TCP) or datagrams (UDP) received; modulo 2<sup>32</sup> as well ({@code segs_in})
 * @param retransmits segments retransmitted ({@code tcp_sock.total_retrans}), modulo 2<sup>32</sup>
 * @param connections how many connections these are; 1, except in a sum
 */
public record Counters(
        long bytesSent,
        long bytesAcked,
        long bytesReceived,
        long segmentsSent,
        long segmentsReceived,
        long retransmits,
        long connections) {
    /** Of one connection that has transferred nothing. */
    public static Builder builder() {
        return new Builder();
    }

    /** Names each counter where it is set. Not thread-safe. */
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
