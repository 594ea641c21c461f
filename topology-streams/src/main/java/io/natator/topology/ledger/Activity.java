package io.natator.topology.ledger;

/** What a connection did. */
public enum Activity {
    /** The connection was established. */
    OPEN,
    /**
     * An established connection ended without a failure. A connection that no end reported for {@code --idle-retention}
     * counts as ended.
     */
    CLOSE,
    /** An established connection failed: an end reported a reset, a timeout or another error. */
    RESET,
    /** The connection was never established, although the server did not refuse it. */
    FAIL,
    /** The server refused the connection, so it was never established. */
    REFUSE,
    /** An open connection had traffic, or traffic of an ended connection was reported late. */
    TRAFFIC;

    /** Whether the connection failed or was reset. */
    public boolean isFailure() {
        return this == RESET || this == FAIL || this == REFUSE;
    }
}
