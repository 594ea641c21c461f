package io.natator.topology.ledger;

import io.natator.topology.statistics.DeadLetterReason;

/** A snapshot is incomplete or has a value out of range, and is sent to dead letters. */
public final class RefusedSnapshotException extends RuntimeException {
    private final DeadLetterReason reason;

    RefusedSnapshotException(DeadLetterReason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** Why the snapshot is refused. */
    public DeadLetterReason reason() {
        return reason;
    }
}
