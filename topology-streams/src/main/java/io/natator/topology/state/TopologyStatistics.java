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
    public final Counter snapshots = new Counter();

    /** Connections that met another one under their fingerprint. */
    public final Counter collisions = new Counter();

    /** Connections attributed with all that was wanted known. */
    public final Counter settled = new Counter();

    /** Connections attributed with what was known when the bound had passed. */
    public final Counter settledAtBound = new Counter();

    /** How long connections waited in the ledger until they were attributed, in microseconds, summed. */
    public final Counter heldBackMicros = new Counter();

    /** Connections that left the ledger because they had ended. */
    public final Counter evictedEnded = new Counter();

    /** Connections that left the ledger because nothing was heard of them. */
    public final Counter evictedIdle = new Counter();

    /** Payload bytes of folded connections, both directions. */
    public final Counter foldedBytes = new Counter();

    /** Payload bytes of UDP servers' halves, both directions, that are left to their clients' halves to count. */
    public final Counter udpServerBytes = new Counter();

    /** Payload bytes that came after their window was final, both directions; they are in the totals. */
    public final Counter lateBytes = new Counter();

    /** Activity events written. */
    public final Counter activityEvents = new Counter();

    /** Activity events that were too many, and are told in sums. */
    public final Counter activityFolded = new Counter();

    /** Activity events that were too many even for sums, and are not told. */
    public final Counter activityDropped = new Counter();

    /** Listeners to events that were dropped because they did not keep up. */
    public final Counter disconnectedClients = new Counter();

    /** Links that were idle for long and have left. */
    public final Counter retiredLinks = new Counter();

    /** Links that found no series of their own and are counted under their address's prefix. */
    public final Counter prefixedLinks = new Counter();

    /** Links that found no series and are counted in the sum of those. */
    public final Counter otherLinks = new Counter();

    /** Identities that could not be decoded. */
    public final Counter undecodableIdentities = new Counter();

    /** Names that were asked for and could not be decoded. */
    public final Counter undecodableDnsNames = new Counter();

    /** Identities that have come or gone. */
    public final Counter identityChanges = new Counter();

    /** Ledger tasks that run here now. */
    public final AtomicInteger ledgerTasks = new AtomicInteger();

    /** When a connection snapshot was last processed, in milliseconds since the epoch; 0 before the first. */
    public final AtomicLong lastSnapshotMillis = new AtomicLong();

    private final Map<Refusal, Counter> refusals = new EnumMap<>(Refusal.class);
    private final Map<Correction, Counter> corrections = new EnumMap<>(Correction.class);
    private final Map<Unresolved, Counter> unresolved = new EnumMap<>(Unresolved.class);

    /** All zero. */
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

    /** Ends of connections that lack the name they should have, for this reason. */
    public Counter unresolved(Unresolved reason) {
        return Objects.requireNonNull(unresolved.get(reason));
    }

    /** Records set aside for this reason. */
    public Counter refused(Refusal reason) {
        return Objects.requireNonNull(refusals.get(reason));
    }

    /** Records set right in this respect. */
    public Counter corrected(Correction correction) {
        return Objects.requireNonNull(corrections.get(correction));
    }
}
