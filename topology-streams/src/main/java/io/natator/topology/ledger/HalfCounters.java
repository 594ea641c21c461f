package io.natator.topology.ledger;

import io.natator.topology.link.Traffic;

/**
 * Cumulative counters that one end of a connection reported. {@link #builder} names the counters at construction.
 *
 * @param observedAt when the collector read the counters, in microseconds since the epoch
 * @param bytesAcked payload bytes that the peer acknowledged; for UDP the payload bytes that were sent
 * @param bytesReceived payload bytes that this end received
 * @param connections number of connections that the counters sum up; more than 1 only in the state FOLDED
 */
record HalfCounters(
        long observedAt,
        long bytesAcked,
        long bytesReceived,
        long segmentsSent,
        long segmentsReceived,
        long retransmits,
        long connections) {

    static Builder builder() {
        return new Builder();
    }

    /**
     * The larger value of each counter from two reports, so that an older report that arrives late never decreases a
     * counter.
     */
    HalfCounters max(HalfCounters other) {
        return builder()
                .observedAt(Math.max(observedAt, other.observedAt))
                .bytesAcked(Math.max(bytesAcked, other.bytesAcked))
                .bytesReceived(Math.max(bytesReceived, other.bytesReceived))
                .segmentsSent(Math.max(segmentsSent, other.segmentsSent))
                .segmentsReceived(Math.max(segmentsReceived, other.segmentsReceived))
                .retransmits(Math.max(retransmits, other.retransmits))
                .connections(Math.max(connections, other.connections))
                .build();
    }

    /**
     * Whether a counter is smaller than in an earlier report. This is a fault, because kernel counters never decrease.
     */
    boolean shrinksFrom(HalfCounters earlier) {
        return observedAt > earlier.observedAt
                && (bytesAcked < earlier.bytesAcked
                        || bytesReceived < earlier.bytesReceived
                        || segmentsSent < earlier.segmentsSent
                        || segmentsReceived < earlier.segmentsReceived
                        || retransmits < earlier.retransmits);
    }

    /** The traffic of the connection if the client reported these counters. */
    Traffic asClient() {
        return Traffic.builder()
                .bytesToServer(bytesAcked)
                .bytesToClient(bytesReceived)
                .segmentsToServer(segmentsSent)
                .segmentsToClient(segmentsReceived)
                .build();
    }

    /** The traffic of the connection if the server reported these counters. */
    Traffic asServer() {
        return Traffic.builder()
                .bytesToServer(bytesReceived)
                .bytesToClient(bytesAcked)
                .segmentsToServer(segmentsReceived)
                .segmentsToClient(segmentsSent)
                .build();
    }

    static final class Builder {
        private long observedAt;
        private long bytesAcked;
        private long bytesReceived;
        private long segmentsSent;
        private long segmentsReceived;
        private long retransmits;
        private long connections;

        private Builder() {}

        Builder observedAt(long micros) {
            observedAt = micros;
            return this;
        }

        Builder bytesAcked(long bytes) {
            bytesAcked = bytes;
            return this;
        }

        Builder bytesReceived(long bytes) {
            bytesReceived = bytes;
            return this;
        }

        Builder segmentsSent(long segments) {
            segmentsSent = segments;
            return this;
        }

        Builder segmentsReceived(long segments) {
            segmentsReceived = segments;
            return this;
        }

        Builder retransmits(long segments) {
            retransmits = segments;
            return this;
        }

        Builder connections(long count) {
            connections = count;
            return this;
        }

        HalfCounters build() {
            return new HalfCounters(
                    observedAt, bytesAcked, bytesReceived, segmentsSent, segmentsReceived, retransmits, connections);
        }
    }
}
