package io.natator.topology.ledger;

import io.natator.schemas.Protocol;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The state of one connection in the ledger. Immutable.
 *
 * @param attributed the counters that the link has counted so far
 * @param atLastEvent the counters that the link had counted when the latest activity event was published
 * @param rttSamples round-trip times that the link has not counted yet, in microseconds
 */
record Entry(
        Stage stage,
        Halves halves,
        LinkAssignment assignment,
        AttributedCounters attributed,
        AttributedCounters atLastEvent,
        List<Long> rttSamples,
        Timers timers) {

    /** Creates the entry of a connection that is reported for the first time. The connection waits for its link. */
    static Entry waiting(Timers timers) {
        return new Entry(
                Stage.WAITING,
                Halves.NONE,
                LinkAssignment.UNDECIDED,
                AttributedCounters.NONE,
                AttributedCounters.NONE,
                List.of(),
                timers);
    }

    @Nullable
    Half client() {
        return halves.client();
    }

    @Nullable
    Half server() {
        return halves.server();
    }

    /**
     * The encoded key of the connection's link. Null before the link is decided, and if no link counts the connection.
     */
    @Nullable
    Bytes link() {
        return assignment.link();
    }

    long lastReportedAt() {
        return timers.lastReportedAt();
    }

    long dueAt() {
        return timers.dueAt();
    }

    boolean isFolded() {
        return isIn(Phase.FOLDED);
    }

    boolean hasFailed() {
        return isIn(Phase.FAILED);
    }

    private boolean isIn(Phase phase) {
        Half half = halves.either();
        return half != null && half.phase() == phase;
    }

    /** Whether the connection is a UDP flow. Only reliable while the ends are stored. */
    boolean isUdp() {
        Half half = halves.either();
        return half != null && half.end() != null && half.end().protocol() == Protocol.UDP;
    }

    /**
     * Whether this entry can have the reports of one end only, because the other end is never reported under the same
     * fingerprint.
     */
    boolean hasOneHalfByNature() {
        return hasFailed() || isFolded() || isUdp();
    }

    Entry with(Halves newHalves, List<Long> samples) {
        return new Entry(stage, newHalves, assignment, attributed, atLastEvent, samples, timers);
    }

    Entry reportedAt(long now) {
        return with(timers.reportedAt(now));
    }

    Entry dueAt(long time) {
        return with(timers.dueAt(time));
    }

    private Entry with(Timers newTimers) {
        return new Entry(stage, halves, assignment, attributed, atLastEvent, rttSamples, newTimers);
    }

    Entry at(Stage newStage) {
        return new Entry(newStage, halves, assignment, attributed, atLastEvent, rttSamples, timers);
    }

    /** This entry in the stage SETTLED, with the decision which link counts the connection. */
    Entry settled(LinkAssignment decided) {
        return new Entry(Stage.SETTLED, halves, decided, attributed, atLastEvent, rttSamples, timers);
    }

    Entry withoutEnds() {
        return new Entry(stage, halves.withoutEnds(), assignment, attributed, atLastEvent, rttSamples, timers);
    }

    /** The same entry after the link has counted all growth and all round-trip times. */
    Entry withAttributed(AttributedCounters counters) {
        return new Entry(stage, halves, assignment, counters, atLastEvent, List.of(), timers);
    }

    Entry withEventAt(AttributedCounters counters) {
        return new Entry(stage, halves, assignment, attributed, counters, rttSamples, timers);
    }

    /**
     * The reduced entry that remains after the connection has left the ledger. If the connection is complete, the
     * reduced entry has neither link nor counters. Otherwise (stage DORMANT) it has both, so that a later report
     * continues the connection.
     */
    Entry shrunk(boolean complete) {
        return new Entry(
                complete ? Stage.COMPLETE : Stage.DORMANT,
                Halves.NONE,
                complete ? assignment.withoutLink() : assignment,
                complete ? AttributedCounters.NONE : attributed,
                complete ? AttributedCounters.NONE : atLastEvent,
                List.of(),
                timers);
    }
}
