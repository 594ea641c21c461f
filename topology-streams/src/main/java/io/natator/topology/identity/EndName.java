package io.natator.topology.identity;

import io.natator.topology.identity.WorkloadNames.NamedEnd;
import io.natator.topology.statistics.UnresolvedReason;
import org.jspecify.annotations.Nullable;

/**
 * The name of one end of a connection, as far as the name is known now.
 *
 * @param unresolved why the end is not named after a workload, although it is in a cluster; null if it is named after
 *     one, and if it is in no cluster
 */
record EndName(
        NamedEnd name,
        NameSource source,
        Certainty certainty,
        @Nullable UnresolvedReason unresolved) {
    /** Whether a better name can become known. */
    enum Certainty {
        /** Identities that are read later do not change the name. */
        FINAL,
        /** The name is used at once. Identities that are read later can give a better one. */
        PROVISIONAL,
        /** The connection waits for a better name, at most {@code --settle-after}. */
        AWAITED
    }

    static EndName known(NamedEnd name, NameSource source) {
        return new EndName(name, source, Certainty.FINAL, null);
    }

    /** The name of an end that no identity names. The connection waits for its identity. */
    static EndName unknown(UnresolvedReason reason) {
        return new EndName(WorkloadNames.unknown(), NameSource.UNKNOWN, Certainty.AWAITED, reason);
    }

    /** The same name; the reason why it is no workload's is counted elsewhere. */
    EndName withoutReason() {
        return new EndName(name, source, certainty, null);
    }

    boolean isAwaited() {
        return certainty == Certainty.AWAITED;
    }

    boolean isFinal() {
        return certainty == Certainty.FINAL;
    }
}
