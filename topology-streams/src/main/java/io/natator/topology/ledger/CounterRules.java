package io.natator.topology.ledger;

import io.natator.topology.link.LinkDelta;
import org.jspecify.annotations.Nullable;

/** Sums up both halves of a connection, and tells what is new in them. */
final class CounterRules {
    private CounterRules() {}

    /**
     * What a settled connection amounts to.
     *
     * @param bound true to count it as ended even though not every half said so
     */
    static AttributedCounters after(Entry entry, boolean bound) {
        Half client = entry.client();
        Half server = entry.server();
        Half either = entry.either();
        AttributedCounters before = entry.counted();
        long bytesToServer = before.bytesToServer();
        long bytesToClient = before.bytesToClient();
        long segmentsToServer = before.segmentsToServer();
        long segmentsToClient = before.segmentsToClient();
        long clientRetransmits = before.clientRetransmits();
        long serverRetransmits = before.serverRetransmits();
        long until = before.until();
        if (client != null) {
            bytesToServer = Math.max(bytesToServer, client.bytesAcked());
            bytesToClient = Math.max(bytesToClient, client.bytesReceived());
            segmentsToServer = Math.max(segmentsToServer, client.segmentsSent());
            segmentsToClient = Math.max(segmentsToClient, client.segmentsReceived());
            clientRetransmits = Math.max(clientRetransmits, client.retransmits());
            until = Math.max(until, client.observedAt());
        }
        if (server != null) {
            bytesToServer = Math.max(bytesToServer, server.bytesReceived());
            bytesToClient = Math.max(bytesToClient, server.bytesAcked());
            segmentsToServer = Math.max(segmentsToServer, server.segmentsReceived());
            segmentsToClient = Math.max(segmentsToClient, server.segmentsSent());
            serverRetransmits = Math.max(serverRetransmits, server.retransmits());
            until = Math.max(until, server.observedAt());
        }
        long opened = before.opened();
        long closed = before.closed();
        long failed = before.failed();
        if (either != null && either.phase() == Phase.FAILED) {
            failed = Math.max(failed, 1);
        } else if (either != null) {
            opened = Math.max(opened, either.connections());
            if (entry.hasEnded() || bound) {
                closed = Math.max(closed, either.connections());
            }
        }
        return new AttributedCounters(
                bytesToServer,
                bytesToClient,
                segmentsToServer,
                segmentsToClient,
                clientRetransmits,
                serverRetransmits,
                opened,
                closed,
                failed,
                until);
    }

    /** What {@code after} has more than {@code before}, with the round-trip times that wait in the entry. */
    static LinkDelta delta(Entry entry, AttributedCounters before, AttributedCounters after) {
        long until = after.until();
        long from = before.until() == 0 ? Math.min(startedAt(entry), until) : before.until();
        boolean ends = after.closed() > before.closed();
        boolean fails = after.failed() > before.failed();
        return new LinkDelta(
                from,
                until,
                after.bytesToServer() - before.bytesToServer(),
                after.bytesToClient() - before.bytesToClient(),
                after.segmentsToServer() - before.segmentsToServer(),
                after.segmentsToClient() - before.segmentsToClient(),
                after.opened() - before.opened(),
                after.closed() - before.closed(),
                after.failed() - before.failed(),
                ends || fails ? failure(entry) : "",
                after.clientRetransmits()
                        - before.clientRetransmits()
                        + after.serverRetransmits()
                        - before.serverRetransmits(),
                entry.rttSamples(),
                ends && entry.hasEnded() ? duration(entry) : 0L,
                "",
                0);
    }

    static long startedAt(Entry entry) {
        long client = entry.client() == null ? Long.MAX_VALUE : entry.client().startedAt();
        long server = entry.server() == null ? Long.MAX_VALUE : entry.server().startedAt();
        return Math.min(client, server);
    }

    static String failure(Entry entry) {
        String client = failure(entry.client());
        String failure = client.isEmpty() ? failure(entry.server()) : client;
        return failure.isEmpty() && entry.hasFailed() ? "UNKNOWN" : failure;
    }

    private static String failure(@Nullable Half half) {
        return half == null ? "" : half.failure();
    }

    private static long duration(Entry entry) {
        Half half = entry.either();
        return half == null || half.phase() == Phase.FOLDED ? 0 : Math.max(0, half.observedAt() - half.startedAt());
    }
}
