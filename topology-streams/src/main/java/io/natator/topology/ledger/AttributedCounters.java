package io.natator.topology.ledger;

import io.natator.topology.link.ConnectionCounts;
import io.natator.topology.link.Traffic;

/**
 * The counters of one connection, as far as its link has counted them. {@link #builder} names the counters at
 * construction.
 *
 * @param clientRetransmits segments that the client retransmitted
 * @param serverRetransmits segments that the server retransmitted
 * @param until when the counters were last observed, in microseconds since the epoch; 0 before the first observation
 */
record AttributedCounters(
        Traffic traffic, ConnectionCounts connections, long clientRetransmits, long serverRetransmits, long until) {
    static final AttributedCounters NONE = builder().build();

    static Builder builder() {
        return new Builder();
    }

    /** Segments that both ends together retransmitted. */
    long retransmits() {
        return clientRetransmits + serverRetransmits;
    }

    boolean isEmpty() {
        return until == 0;
    }

    static final class Builder {
        private Traffic traffic = Traffic.NONE;
        private ConnectionCounts connections = ConnectionCounts.NONE;
        private long clientRetransmits;
        private long serverRetransmits;
        private long until;

        private Builder() {}

        Builder traffic(Traffic sum) {
            traffic = sum;
            return this;
        }

        Builder connections(ConnectionCounts counts) {
            connections = counts;
            return this;
        }

        Builder clientRetransmits(long segments) {
            clientRetransmits = segments;
            return this;
        }

        Builder serverRetransmits(long segments) {
            serverRetransmits = segments;
            return this;
        }

        Builder until(long micros) {
            until = micros;
            return this;
        }

        AttributedCounters build() {
            return new AttributedCounters(traffic, connections, clientRetransmits, serverRetransmits, until);
        }
    }
}
