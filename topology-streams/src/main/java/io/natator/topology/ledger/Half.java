package io.natator.topology.ledger;

import io.natator.topology.identity.ConnectionEnd;
import org.jspecify.annotations.Nullable;

/**
 * What the reports of one end of a connection add up to.
 *
 * @param socket hash of boot id and socket cookie, which identifies the socket. The start time is no part of it,
 *     because a step of the node's clock changes that
 * @param end process and addresses; null once the link is settled and no activity events are published
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

    /** This half after another report of the same socket, which may be a late one. */
    Half merge(Half report) {
        return new Half(socket, lifecycle.after(report.lifecycle), counters.max(report.counters), end);
    }

    Half withoutEnd() {
        return new Half(socket, lifecycle, counters, null);
    }
}
