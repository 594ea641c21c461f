package io.natator.topology.ledger;

import io.natator.topology.identity.ConnectionEnd;
import org.jspecify.annotations.Nullable;

/**
 * The merged reports of one end of a connection.
 *
 * @param socket hash of boot id and socket cookie, which identifies the socket. The start time is not included, because
 *     it changes when the node's clock is set
 * @param end process and addresses; null if the connection is already assigned to a link and activity events are off
 */
record Half(
        long socket,
        Lifecycle lifecycle,
        HalfCounters counters,
        @Nullable ConnectionEnd end) {

    boolean hasEnded() {
        return lifecycle.hasEnded();
    }

    Phase phase() {
        return lifecycle.phase();
    }

    long observedAt() {
        return counters.observedAt();
    }

    /** Merges another report of the same socket, which may be older than the previous ones. */
    Half merge(Half report) {
        return new Half(socket, lifecycle.after(report.lifecycle), counters.max(report.counters), end);
    }

    Half withoutEnd() {
        return new Half(socket, lifecycle, counters, null);
    }
}
