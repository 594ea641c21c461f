package io.natator.topology.state;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Operational counters of this process since its start, shared by all tasks. After a failure, Kafka Streams may process
 * records again; these counters then count them again (links never do). Thread-safe.
 */
public final class TopologyStatistics {
    /** Why a record was sent to dead letters. */
    public enum Refusal {
        /** The bytes are not a record of a known schema. */
        UNDECODABLE,
        /** The key or the value is missing. */
        INCOMPLETE,
        /** A counter is negative. */
        NEGATIVE_COUNTER,
        /** A counter is larger than any connection can have. */
        ABSURD_COUNTER,
        /** A name is longer than any name can be. */
        TEXT,
        /** An address has neither 4 nor 16 bytes. */
        ADDRESS,
        /** A port is not in 0 to 65535. */
        PORT
    }

    /** What was corrected in a snapshot before use. */
    public enum Correction {
        /** The role is unknown: it follows from the other half, or is guessed from the ports. */
        ROLE,
        /** The state is newer than this reader: it counts as open. */
        STATE,
        /** Observed in the future or before 2020: it counts as observed now. */
        OBSERVED_AT,
        /** Started after it was observed, or before 2020: it counts as started when it was observed. */
        STARTED_AT,
        /** A later report has smaller counters: the larger values stay. */
        SHRUNK_COUNTER
    }

    /** Why an end of a connection could not get its proper name. */
    public enum Unresolved {
        /** Its pod was still unknown after {@code --settle-after}. */
        UNKNOWN_POD,
        /** It has an internal address without a known owner and without a configured name. */
        UNKNOWN_ADDRESS,
        /** Its address has known owners, but none while the connection was open. */
        NOT_OWNED_THEN
    }

    /** Connection snapshots processed, without refused ones. */
    public final Counter snapshots = new Counter();

    /** Connections whose fingerprint another connection had already. */
    public final Counter collisions = new Counter();

    /** Connections whose link was decided with all names known. */
    public final Counter settled = new Counter();

    /** Connections whose link was decided after {@code --settle-after}, with the names known then. */
    public final Counter settledAtBound = new Counter();

    /** Time that connections waited in the ledger until their link was decided, in microseconds, summed. */
    public final Counter heldBackMicros = new Counter();

    /** Connections that left the ledger because they had ended. */
    public final Counter evictedEnded = new Counter();

    /** Connections that left the ledger because reports ceased. */
    public final Counter evictedIdle = new Counter();

    /** Payload bytes of folded connections, in both directions. */
    public final Counter foldedBytes = new Counter();

    /**
     * Payload bytes of UDP servers' halves, in both directions, that are not counted because the clients' halves count
     * them.
     */
    public final Counter udpServerBytes = new Counter();

    /** Payload bytes that arrived after their window was final, in both directions; they are in the totals. */
    public final Counter lateBytes = new Counter();

    /** Activity events published. */
    public final Counter activityEvents = new Counter();

    /** Activity events above {@code --activity-limit}, which are published as sums. */
    public final Counter activityFolded = new Counter();

    /** Activity events above {@code --activity-limit} that were dropped because too many sums were waiting. */
    public final Counter activityDropped = new Counter();

    /** Clients of {@code /api/events} that were disconnected because they read too slowly. */
    public final Counter disconnectedClients = new Counter();

    /** Links that were retired because they were idle. */
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

    /** Ledger tasks that are running on this instance. */
    public final AtomicInteger ledgerTasks = new AtomicInteger();

    /** When the latest connection snapshot was processed, in milliseconds since the epoch; 0 before the first. */
    public final AtomicLong lastSnapshotMillis = new AtomicLong();

    private final Map<Refusal, Counter> refusals = new EnumMap<>(Refusal.class);
    private final Map<Correction, Counter> corrections = new EnumMap<>(Correction.class);
    private final Map<Unresolved, Counter> unresolved = new EnumMap<>(Unresolved.class);

    /** All counters are 0. */
    public TopologyStatistics() {
        for (Refusal refusal : Refusal.values()) {
            refusals.put(refusal, new Counter());
        }
        for (Correction correction : Correction.values()) {
            corrections.put(correction, new Counter());
        }
        for (Unresolved reason : Unresolved.values()) {
            unresolved.put(reason, new Counter());
        }
    }

    /** Ends of connections that could not get their proper name for this reason. */
    public Counter unresolved(Unresolved reason) {
        return Objects.requireNonNull(unresolved.get(reason));
    }

    /** Records sent to dead letters for this reason. */
    public Counter refused(Refusal reason) {
        return Objects.requireNonNull(refusals.get(reason));
    }

    /** Snapshots with this correction. */
    public Counter corrected(Correction correction) {
        return Objects.requireNonNull(corrections.get(correction));
    }
}
