package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.SocketOwner;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.Endpoint;
import io.natator.topology.identity.OwnerName;
import io.natator.topology.identity.SocketProcess;
import io.natator.topology.link.TimeSpan;
import org.jspecify.annotations.Nullable;

/**
 * One half of a connection: the merged reports of one of its two ends.
 *
 * @param socket hash of boot id and socket cookie, which identifies the socket. The start time is not part of the hash,
 *     because the start time changes when the node's clock is set
 * @param end process and addresses; null if the link is already decided and activity events are off
 */
record Half(
        long socket,
        Lifecycle lifecycle,
        HalfCounters counters,
        @Nullable ConnectionEnd end) {

    /**
     * The half that a single snapshot reports.
     *
     * @param observed from the start of the connection until the observation, after the correction of both times
     */
    static Half of(ConnectionSnapshot snapshot, TimeSpan observed) {
        return new Half(
                Fingerprints.ofSocket(snapshot.getBootId(), snapshot.getSocketCookie()),
                Lifecycle.of(snapshot, observed.from()),
                HalfCounters.builder()
                        .observedAt(observed.until())
                        .bytesAcked(CounterRules.delivered(snapshot))
                        .bytesReceived(snapshot.getBytesReceived())
                        .segmentsSent(snapshot.getSegmentsSent())
                        .segmentsReceived(snapshot.getSegmentsReceived())
                        .retransmits(snapshot.getRetransmits())
                        .connections(snapshot.getConnections())
                        .build(),
                end(snapshot));
    }

    private static ConnectionEnd end(ConnectionSnapshot snapshot) {
        SocketOwner owner = snapshot.getOwner();
        return new ConnectionEnd(
                new SocketProcess(
                        snapshot.getCluster(),
                        snapshot.getNode(),
                        owner.getCommand(),
                        owner.getPodUid(),
                        owner.getPid(),
                        owner.getContainerId(),
                        new OwnerName(owner.getName(), owner.getNameKind())),
                snapshot.getProtocol(),
                new Endpoint(snapshot.getLocalAddress(), snapshot.getLocalPort()),
                new Endpoint(snapshot.getRemoteAddress(), snapshot.getRemotePort()));
    }

    boolean hasEnded() {
        return lifecycle.hasEnded();
    }

    Phase phase() {
        return lifecycle.phase();
    }

    long observedAt() {
        return counters.observedAt();
    }

    /** Merges another report of the same socket, which may be older than the previous reports. */
    Half merge(Half report) {
        return new Half(socket, lifecycle.after(report.lifecycle), counters.max(report.counters), endWithPod(report));
    }

    /** A collector may not know the pod yet when it first reports a socket. */
    private @Nullable ConnectionEnd endWithPod(Half report) {
        boolean onlyTheReportKnows =
                end != null && report.end != null && report.end.process().knowsMoreThan(end.process());
        return onlyTheReportKnows ? report.end : end;
    }

    Half withoutEnd() {
        return new Half(socket, lifecycle, counters, null);
    }
}
