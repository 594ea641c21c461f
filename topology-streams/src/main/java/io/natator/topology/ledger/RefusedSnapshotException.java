package io.natator.topology.ledger;

import io.natator.topology.state.TopologyStatistics.Refusal;

/** A snapshot that decodes but cannot be true. It goes to the dead letters. */
public final class RefusedSnapshotException extends RuntimeException {
    private final Refusal reason;

    RefusedSnapshotException(Refusal reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** Why. */
    public Refusal reason() {
        return reason;
    }
}
