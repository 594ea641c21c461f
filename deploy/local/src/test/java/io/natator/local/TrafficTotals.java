package io.natator.local;

import io.natator.bpf.traffic.TrafficResult;
import java.util.Collection;

/**
 * The totals of a link, counted by the applications at its ends or published by the pipeline.
 *
 * @param bytesToServer bytes of payload from client to server
 * @param bytesToClient bytes of payload from server to client
 * @param connections number of established connections
 */
record TrafficTotals(long bytesToServer, long bytesToClient, long connections) {
    static final TrafficTotals NONE = new TrafficTotals(0, 0, 0);

    TrafficTotals plus(TrafficTotals other) {
        return new TrafficTotals(
                bytesToServer + other.bytesToServer,
                bytesToClient + other.bytesToClient,
                connections + other.connections);
    }

    /** The totals that the connecting applications wrote and read. */
    static TrafficTotals ofClients(Collection<TrafficResult> results) {
        return results.stream()
                .filter(TrafficResult::client)
                .map(result -> new TrafficTotals(result.written(), result.read(), 1))
                .reduce(NONE, TrafficTotals::plus);
    }

    /** The totals that the accepting applications read and wrote. */
    static TrafficTotals ofServers(Collection<TrafficResult> results) {
        return results.stream()
                .filter(result -> !result.client())
                .map(result -> new TrafficTotals(result.read(), result.written(), 1))
                .reduce(NONE, TrafficTotals::plus);
    }
}
