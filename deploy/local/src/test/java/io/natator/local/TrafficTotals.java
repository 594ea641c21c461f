package io.natator.local;

import io.natator.bpf.traffic.TrafficResult;
import java.util.Collection;

/**
 * The totals of a link: as counted by the applications at its ends, or as published by the pipeline.
 *
 * @param bytesToServer payload bytes
 * @param bytesToClient payload bytes
 * @param connections connections established
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
