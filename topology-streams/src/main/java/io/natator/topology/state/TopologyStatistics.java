package io.natator.topology.state;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What has happened in this process since it started: operational counts, shared by all tasks. After a failure Kafka
 * Streams may process records again, and they are counted again here (never in links). Thread-safe.
 */
public final class TopologyStatistics {
    /** Why a record was set aside. */
    public enum Refusal {
        /** The bytes are no record of a known schema. */
        UNDECODABLE,
        /** No key, or no value. */
        INCOMPLETE,
        /** A counter below zero. */
        NEGATIVE_COUNTER,
        /** A counter beyond what any connection can have. */
        ABSURD_COUNTER,
        /** A name longer than any name is. */
        TEXT,
        /** An address of neither 4 nor 16 bytes. */
        ADDRESS,
        /** A port outside 0 to 65535. */
        PORT
    }

    /** What was set right in a record that is otherwise sound. */
    public enum Correction {
        /** Neither end: taken from the other half, or guessed from the ports. */
        ROLE,
        /** A state newer than this reader: taken as open. */
        STATE,
        /** Observed in the future or before 2020: taken as observed now. */
        OBSERVED_AT,
        /** Started after it was observed, or before 2020: taken as started then. */
        STARTED_AT,
        /** A later report with smaller counters: the larger stay. */
        SHRUNK_COUNTER
    }

    /** Why an end of a connection could not be given the name it should have. */
    public enum Unresolved {
        /** Its pod had not become known when the bound had passed. */
        UNKNOWN_POD,
        /** An internal address that nobody is known to have had, and that has no configured name. */
        UNKNOWN_ADDRESS,
        /** A known address that nobody had while the connection was open. */
        NOT_OWNED_THEN
    }

    /** Connection snapshots processed, those refused not included. */
    public final Count snapshots = new Count();

    /** Connections that met another one under their fingerprint. */
    public final Count collisions = new Count();

    /** Connections attributed with all that was wanted known. */
    public final Count settled = new Count();

    /** Connections attributed with what was known when the bound had passed. */
    public final Count settledAtBound = new Count();

    /** How long connections waited in the ledger until they were attributed, in microseconds, summed. */
    public final Count heldBackMicros = new Count();

    /** Connections that left the ledger because they had ended. */
    public final Count evictedEnded = new Count();

    /** Connections that left the ledger because nothing was heard of them. */
    public final Count evictedIdle = new Count();

    /** Payload bytes of folded connections, both directions. */
    public final Count foldedBytes = new Count();

    /** Payload bytes of UDP servers' halves, both directions, that are left to their clients' halves to count. */
    public final Count udpLeftBytes = new Count();

    /** Payload bytes that came after their window was final, both directions; they are in the totals. */
    public final Count lateBytes = new Count();

    /** Activity events written. */
    public final Count activityEvents = new Count();

    /** Activity events that were too many, and are told in sums. */
    public final Count activityFolded = new Count();

    /** Activity events that were too many even for sums, and are not told. */
    public final Count activityDropped = new Count();

    /** Listeners to events that were dropped because they did not keep up. */
    public final Count droppedListeners = new Count();

    /** Links that were idle for long and have left. */
    public final Count retiredLinks = new Count();

    /** Links that found no series of their own and are counted under their address's prefix. */
    public final Count prefixedLinks = new Count();

    /** Links that found no series and are counted in the sum of those. */
    public final Count otherLinks = new Count();

    /** Identities that could not be decoded. */
    public final Count undecodableIdentities = new Count();

    /** Names that were asked for and could not be decoded. */
    public final Count undecodableDnsNames = new Count();

    /** Identities that have come or gone. */
    public final Count identityChanges = new Count();

    /** Ledger tasks that run here now. */
    public final AtomicInteger ledgerTasks = new AtomicInteger();

    /** When a connection snapshot was last processed, in milliseconds since the epoch; 0 before the first. */
    public final AtomicLong lastSnapshotMillis = new AtomicLong();

    private final Map<Refusal, Count> refusals = new EnumMap<>(Refusal.class);
    private final Map<Correction, Count> corrections = new EnumMap<>(Correction.class);
    private final Map<Unresolved, Count> unresolved = new EnumMap<>(Unresolved.class);

    /** All zero. */
    public TopologyStatistics() {
        for (Refusal refusal : Refusal.values()) {
            refusals.put(refusal, new Count());
        }
        for (Correction correction : Correction.values()) {
            corrections.put(correction, new Count());
        }
        for (Unresolved reason : Unresolved.values()) {
            unresolved.put(reason, new Count());
        }
    }

    /** Ends of connections that lack the name they should have, for this reason. */
    public Count unresolved(Unresolved reason) {
        return Objects.requireNonNull(unresolved.get(reason));
    }

    /** Records set aside for this reason. */
    public Count refused(Refusal reason) {
        return Objects.requireNonNull(refusals.get(reason));
    }

    /** Records set right in this respect. */
    public Count corrected(Correction correction) {
        return Objects.requireNonNull(corrections.get(correction));
    }
}
