package io.natator.topology.ledger;

import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.siem.Party;
import org.jspecify.annotations.Nullable;

/**
 * What one end of a connection last said. Counters are cumulative; times are microseconds since the epoch.
 *
 * @param socket hash of boot id and socket cookie: the same socket of the same boot has the same. Not of the start time,
 *     which a step of the node's clock moves
 * @param startedAt when the connection was opened
 * @param observedAt latest observation
 * @param failure the {@code CloseReason} of a failure or reset, empty for none
 * @param connections how many connections it stands for; more than 1 only when folded
 * @param endpoint what names it, null once its link is settled and nobody wants to know any more
 * @param pid process id on its node, 0 where unknown
 * @param containerId null outside a container
 */
record Half(
        long socket,
        long startedAt,
        long observedAt,
        long bytesAcked,
        long bytesReceived,
        long segmentsSent,
        long segmentsReceived,
        long retransmits,
        Phase phase,
        String failure,
        long connections,
        @Nullable ConnectionEnd endpoint,
        int pid,
        @Nullable String containerId) {

    /** Who and where it is; null where that is no longer kept. */
    @Nullable
    Party party() {
        return endpoint == null ? null : new Party(endpoint, pid, containerId);
    }

    boolean ended() {
        return phase != Phase.OPEN;
    }

    /** This half after a report of the same socket, which may be a late one: counters only grow. */
    Half merge(Half report) {
        boolean keepsPhase = ended() || report.phase == Phase.OPEN;
        return new Half(
                socket,
                startedAt,
                Math.max(observedAt, report.observedAt),
                Math.max(bytesAcked, report.bytesAcked),
                Math.max(bytesReceived, report.bytesReceived),
                Math.max(segmentsSent, report.segmentsSent),
                Math.max(segmentsReceived, report.segmentsReceived),
                Math.max(retransmits, report.retransmits),
                keepsPhase ? phase : report.phase,
                keepsPhase ? failure : report.failure,
                Math.max(connections, report.connections),
                endpoint,
                pid,
                containerId);
    }

    /** Whether this newer report says less than was said before, which no kernel does. */
    boolean shrinks(Half before) {
        return observedAt > before.observedAt
                && (bytesAcked < before.bytesAcked
                        || bytesReceived < before.bytesReceived
                        || segmentsSent < before.segmentsSent
                        || segmentsReceived < before.segmentsReceived
                        || retransmits < before.retransmits);
    }

    Half withoutEndpoint() {
        return new Half(
                socket,
                startedAt,
                observedAt,
                bytesAcked,
                bytesReceived,
                segmentsSent,
                segmentsReceived,
                retransmits,
                phase,
                failure,
                connections,
                null,
                0,
                null);
    }
}
