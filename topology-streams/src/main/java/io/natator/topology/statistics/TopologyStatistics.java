package io.natator.topology.statistics;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Operational counters of this process since its start. All tasks share them. After a failure, Kafka Streams sometimes
 * processes records again, and these counters then count the records twice. The counters of links are exact even then.
 * Thread-safe.
 */
public final class TopologyStatistics {
    /** Connection snapshots that were processed. Snapshots sent to dead letters are not counted. */
    public final Counter snapshots = new Counter();

    /** Connections whose fingerprint another connection already had (collisions). */
    public final Counter collisions = new Counter();

    /** Connections whose link was decided with all names known. */
    public final Counter settled = new Counter();

    /** Connections whose link was decided when {@code --settle-after} was over, with the names known at that time. */
    public final Counter settledAtBound = new Counter();

    /** Connections that moved to a better link after their link was decided. */
    public final Counter movedConnections = new Counter();

    /** Sum of the time that connections waited in the ledger until their link was decided, in microseconds. */
    public final Counter heldBackMicros = new Counter();

    /** Connections that left the ledger because an end had reported the close. */
    public final Counter evictedEnded = new Counter();

    /** Connections removed from the ledger because neither of their ends was reported for {@code --idle-retention}. */
    public final Counter evictedIdle = new Counter();

    /**
     * Payload bytes in both directions that collectors reported as sums of several closed connections (state FOLDED).
     */
    public final Counter foldedBytes = new Counter();

    /**
     * Payload bytes in both directions that UDP servers reported, and that no link counts because the client's report
     * counts the same bytes.
     */
    public final Counter udpServerBytes = new Counter();

    /** Payload bytes in both directions of connections within a pod, which no link counts. */
    public final Counter withinPodBytes = new Counter();

    /**
     * Payload bytes in both directions that arrived after their time window was final. The totals count them, but no
     * window does.
     */
    public final Counter lateBytes = new Counter();

    /** Activity events that were published. */
    public final Counter activityEvents = new Counter();

    /** Activity events above {@code --activity-limit}. They are added up and published as sums. */
    public final Counter activityFolded = new Counter();

    /**
     * Activity events above {@code --activity-limit} that were dropped because too many sums of such events waited to be
     * published.
     */
    public final Counter activityDropped = new Counter();

    /** Clients of {@code /api/events} that were disconnected because they read too slowly. */
    public final Counter disconnectedClients = new Counter();

    /** Links that were retired (removed) because they were idle. */
    public final Counter retiredLinks = new Counter();

    /** New links above the series limit that are counted in the series of their address prefix. */
    public final Counter prefixedLinks = new Counter();

    /** New links above the series limit that are counted in the sum of other links. */
    public final Counter otherLinks = new Counter();

    /** Identities that could not be decoded. */
    public final Counter undecodableIdentities = new Counter();

    /** DNS names that could not be decoded. */
    public final Counter undecodableDnsNames = new Counter();

    /** Identities that were written or deleted. */
    public final Counter identityChanges = new Counter();

    /** Up to when the published identities of each cluster are complete. */
    public final IdentityCompleteness completeness = new IdentityCompleteness();

    /** Number of ledger tasks that are running on this instance. */
    public final AtomicInteger ledgerTasks = new AtomicInteger();

    /**
     * When the latest connection snapshot was processed, in milliseconds since the epoch; 0 before the first snapshot.
     */
    public final AtomicLong lastSnapshotMillis = new AtomicLong();

    private final Map<DeadLetterReason, Counter> refusals = new EnumMap<>(DeadLetterReason.class);
    private final Map<SnapshotCorrection, Counter> corrections = new EnumMap<>(SnapshotCorrection.class);
    private final Map<UnresolvedReason, Counter> unresolved = new EnumMap<>(UnresolvedReason.class);

    public TopologyStatistics() {
        for (DeadLetterReason refusal : DeadLetterReason.values()) {
            refusals.put(refusal, new Counter());
        }
        for (SnapshotCorrection correction : SnapshotCorrection.values()) {
            corrections.put(correction, new Counter());
        }
        for (UnresolvedReason reason : UnresolvedReason.values()) {
            unresolved.put(reason, new Counter());
        }
    }

    /** Counter of connection ends that were not named after a workload for this reason. */
    public Counter unresolved(UnresolvedReason reason) {
        return Objects.requireNonNull(unresolved.get(reason));
    }

    /** Counter of records that were sent to dead letters for this reason. */
    public Counter refused(DeadLetterReason reason) {
        return Objects.requireNonNull(refusals.get(reason));
    }

    /** Counter of snapshots that needed this correction. */
    public Counter corrected(SnapshotCorrection correction) {
        return Objects.requireNonNull(corrections.get(correction));
    }
}
