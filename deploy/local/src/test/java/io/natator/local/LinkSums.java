package io.natator.local;

import io.natator.bpf.traffic.TrafficResult;
import java.util.Collection;

/**
 * What is known of a link: by the applications at its ends, or by somebody who reads what leaves the pipeline.
 *
 * @param bytesToServer payload bytes
 * @param bytesToClient payload bytes
 * @param connections connections established
 */
record LinkSums(long bytesToServer, long bytesToClient, long connections) {
    static final LinkSums NONE = new LinkSums(0, 0, 0);

    LinkSums plus(LinkSums other) {
        return new LinkSums(
                bytesToServer + other.bytesToServer,
                bytesToClient + other.bytesToClient,
                connections + other.connections);
    }

    /** What the connecting applications wrote and read. */
    static LinkSums ofClients(Collection<TrafficResult> results) {
        return results.stream()
                .filter(TrafficResult::client)
                .map(result -> new LinkSums(result.written(), result.read(), 1))
                .reduce(NONE, LinkSums::plus);
    }

    /** What the accepting applications read and wrote. */
    static LinkSums ofServers(Collection<TrafficResult> results) {
        return results.stream()
                .filter(result -> !result.client())
                .map(result -> new LinkSums(result.read(), result.written(), 1))
                .reduce(NONE, LinkSums::plus);
    }
}
