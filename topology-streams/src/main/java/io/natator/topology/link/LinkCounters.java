package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The counters that the total of a link and its time windows have in common.
 *
 * @param failures number of failures and resets by {@code CloseReason}
 * @param retransmits segments that were retransmitted, in both directions
 * @param durationSumMicros sum of the durations of closed connections, in microseconds
 */
record LinkCounters(
        Traffic traffic,
        ConnectionCounts connections,
        Map<String, Long> failures,
        long retransmits,
        RttHistogram rtt,
        long durationSumMicros) {
    static final LinkCounters NONE =
            new LinkCounters(Traffic.NONE, ConnectionCounts.NONE, Map.of(), 0, new RttHistogram(List.of(), 0), 0);

    static LinkCounters of(LinkTotals totals) {
        return new LinkCounters(
                Traffic.builder()
                        .bytesToServer(totals.getBytesToServer())
                        .bytesToClient(totals.getBytesToClient())
                        .segmentsToServer(totals.getSegmentsToServer())
                        .segmentsToClient(totals.getSegmentsToClient())
                        .build(),
                ConnectionCounts.of(totals),
                totals.getFailures(),
                totals.getRetransmits(),
                new RttHistogram(totals.getRttBuckets(), totals.getRttSumMicros()),
                totals.getDurationSumMicros());
    }

    static LinkCounters of(LinkWindow window) {
        return new LinkCounters(
                Traffic.builder()
                        .bytesToServer(window.getBytesToServer())
                        .bytesToClient(window.getBytesToClient())
                        .segmentsToServer(window.getSegmentsToServer())
                        .segmentsToClient(window.getSegmentsToClient())
                        .build(),
                ConnectionCounts.builder()
                        .opened(window.getConnectionsOpened())
                        .closed(window.getConnectionsClosed())
                        .failed(window.getConnectionsFailed())
                        .build(),
                window.getFailures(),
                window.getRetransmits(),
                new RttHistogram(window.getRttBuckets(), window.getRttSumMicros()),
                window.getDurationSumMicros());
    }

    LinkCounters plus(LinkDelta delta) {
        Quality quality = delta.quality();
        return new LinkCounters(
                traffic.plus(delta.traffic()),
                connections.plus(delta.connections()),
                withFailure(delta.failure()),
                retransmits + quality.retransmits(),
                rtt.plus(quality.rttSamples()),
                durationSumMicros + quality.durationMicros());
    }

    LinkCounters plus(LinkCounters other) {
        Map<String, Long> allFailures = new HashMap<>(failures);
        other.failures.forEach((reason, count) -> allFailures.merge(reason, count, Long::sum));
        return new LinkCounters(
                traffic.plus(other.traffic),
                connections.plus(other.connections),
                allFailures,
                retransmits + other.retransmits,
                rtt.plus(other.rtt),
                durationSumMicros + other.durationSumMicros);
    }

    private Map<String, Long> withFailure(String reason) {
        if (reason.isEmpty()) {
            return failures;
        }
        Map<String, Long> more = new HashMap<>(failures);
        more.merge(reason, 1L, Long::sum);
        return more;
    }

    /**
     * Converts these counters to totals. The caller must set when the link was first and last seen, because these times
     * have no default.
     */
    LinkTotals.Builder toTotals() {
        return LinkTotals.newBuilder()
                .setBytesToServer(traffic.bytesToServer())
                .setBytesToClient(traffic.bytesToClient())
                .setSegmentsToServer(traffic.segmentsToServer())
                .setSegmentsToClient(traffic.segmentsToClient())
                .setConnectionsOpened(connections.opened())
                .setConnectionsClosed(connections.closed())
                .setConnectionsFailed(connections.failed())
                .setConnectionsMoved(connections.moved())
                .setFailures(failures)
                .setRetransmits(retransmits)
                .setRttBuckets(rtt.buckets())
                .setRttSumMicros(rtt.sumMicros())
                .setDurationSumMicros(durationSumMicros);
    }

    /**
     * Converts these counters to a time window. The caller must set the start and end of the window, because they have
     * no default.
     */
    LinkWindow.Builder toWindow() {
        return LinkWindow.newBuilder()
                .setBytesToServer(traffic.bytesToServer())
                .setBytesToClient(traffic.bytesToClient())
                .setSegmentsToServer(traffic.segmentsToServer())
                .setSegmentsToClient(traffic.segmentsToClient())
                .setConnectionsOpened(connections.opened())
                .setConnectionsClosed(connections.closed())
                .setConnectionsFailed(connections.failed())
                .setFailures(failures)
                .setRetransmits(retransmits)
                .setRttBuckets(rtt.buckets())
                .setRttSumMicros(rtt.sumMicros())
                .setDurationSumMicros(durationSumMicros);
    }
}
