package io.natator.topology.ledger;

import io.natator.topology.state.TopologyStatistics.Refusal;

/** A snapshot that was decoded, but is incomplete or has a value out of range. It is sent to dead letters. */
public final class RefusedSnapshotException extends RuntimeException {
    private final Refusal reason;

    RefusedSnapshotException(Refusal reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** The kind of reason. */
    public Refusal reason() {
        return reason;
    }
}
