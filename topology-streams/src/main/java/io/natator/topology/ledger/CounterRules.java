package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.Protocol;
import io.natator.topology.link.CarettaLabels;
import io.natator.topology.link.ConnectionCounts;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.link.Quality;
import io.natator.topology.link.TimeSpan;
import io.natator.topology.link.Traffic;
import org.jspecify.annotations.Nullable;

/**
 * Merges the counters that the two ends of a connection report. Both ends report the same traffic, so the larger value
 * of each counter is used. Also computes by how much the counters have grown. Pure.
 */
final class CounterRules {
    private CounterRules() {}

    /**
     * Payload bytes that a socket sent and its peer received. For TCP these are the acknowledged bytes. UDP has no
     * acknowledgements, so all sent bytes count as received.
     */
    static long delivered(ConnectionSnapshot snapshot) {
        return snapshot.getProtocol() == Protocol.UDP
                ? Math.max(snapshot.getBytesSent(), snapshot.getBytesAcked())
                : snapshot.getBytesAcked();
    }

    /**
     * Whether a counter in the report is smaller than in an earlier report of the same socket. The ledger then uses the
     * larger value.
     */
    static boolean shrinks(@Nullable Entry entry, CheckedSnapshot report) {
        if (entry == null) {
            return false;
        }
        Half known = entry.halves().of(RoleRules.isClient(entry, report));
        return known != null && report.half().counters().shrinksFrom(known.counters());
    }

    /**
     * The counters that the link of a connection has to count, from the latest reports of both ends.
     *
     * @param leaving whether the connection leaves the ledger. Then the connection counts as closed, even if an end has
     *     not reported the close
     */
    static AttributedCounters after(Entry entry, boolean leaving) {
        AttributedCounters before = entry.attributed();
        Traffic traffic = before.traffic();
        long clientRetransmits = before.clientRetransmits();
        long serverRetransmits = before.serverRetransmits();
        long until = before.until();
        Half client = entry.client();
        if (client != null) {
            traffic = traffic.max(client.counters().asClient());
            clientRetransmits = Math.max(clientRetransmits, client.counters().retransmits());
            until = Math.max(until, client.observedAt());
        }
        Half server = entry.server();
        if (server != null) {
            traffic = traffic.max(server.counters().asServer());
            serverRetransmits = Math.max(serverRetransmits, server.counters().retransmits());
            until = Math.max(until, server.observedAt());
        }
        return AttributedCounters.builder()
                .traffic(traffic)
                .connections(connections(entry, leaving))
                .clientRetransmits(clientRetransmits)
                .serverRetransmits(serverRetransmits)
                .until(until)
                .build();
    }

    private static ConnectionCounts connections(Entry entry, boolean leaving) {
        ConnectionCounts before = entry.attributed().connections();
        Half half = entry.halves().either();
        if (half == null) {
            return before;
        }
        var after = ConnectionCounts.builder()
                .opened(before.opened())
                .closed(before.closed())
                .failed(before.failed());
        if (half.phase() == Phase.FAILED) {
            return after.failed(Math.max(before.failed(), 1)).build();
        }
        long count = half.counters().connections();
        after.opened(Math.max(before.opened(), count));
        if (entry.halves().allHaveEnded() || leaving) {
            after.closed(Math.max(before.closed(), count));
        }
        return after.build();
    }

    /**
     * The growth of a connection's counters from {@code before} to {@code after}, with the round-trip times that the
     * link has not counted yet.
     */
    static LinkDelta delta(Entry entry, AttributedCounters before, AttributedCounters after) {
        ConnectionCounts connections = after.connections().minus(before.connections());
        boolean closes = connections.closed() > 0;
        boolean fails = connections.failed() > 0;
        long until = after.until();
        long from = before.isEmpty() ? Math.min(entry.halves().startedAt(), until) : before.until();
        return new LinkDelta(
                TimeSpan.from(from).until(until),
                after.traffic().minus(before.traffic()),
                connections,
                closes || fails ? FailureReasons.of(entry) : "",
                new Quality(
                        after.retransmits() - before.retransmits(),
                        entry.rttSamples(),
                        closes && entry.halves().allHaveEnded() ? duration(entry) : 0),
                CarettaLabels.NONE);
    }

    /** The connections that are active on the present link, and that move if the connection gets another link. */
    static ConnectionCounts moving(AttributedCounters counters) {
        ConnectionCounts connections = counters.connections();
        return ConnectionCounts.builder()
                .moved(connections.opened() - connections.closed())
                .build();
    }

    /** The change of a link from which connections move away. Its traffic stays. */
    static LinkDelta departure(AttributedCounters counters, ConnectionCounts moving) {
        return new LinkDelta(
                TimeSpan.from(counters.until()).until(counters.until()),
                Traffic.NONE,
                ConnectionCounts.NONE.minus(moving),
                Quality.NONE);
    }

    private static long duration(Entry entry) {
        Half half = entry.halves().either();
        return half == null || half.phase() == Phase.FOLDED
                ? 0
                : Math.max(0, half.observedAt() - half.lifecycle().startedAt());
    }
}
