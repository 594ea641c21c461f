package io.natator.topology.ledger;

/**
 * What has been attributed of one connection so far.
 *
 * @param until the time up to which, in microseconds since the epoch; 0 before the first
 */
record AttributedCounters(
        long bytesToServer,
        long bytesToClient,
        long segmentsToServer,
        long segmentsToClient,
        long clientRetransmits,
        long serverRetransmits,
        long opened,
        long closed,
        long failed,
        long until) {
    static final AttributedCounters NOTHING = new AttributedCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
