package io.natator.topology.ledger;

/** What a connection did. */
public enum Activity {
    /** The connection was established. */
    OPEN,
    /** An established connection ended without a failure, or no end reported it for {@code --idle-retention}. */
    CLOSE,
    /** An established connection failed: an end reported a reset, a timeout or another error. */
    RESET,
    /** The connection was never established, for another reason than a refusal by the server. */
    FAIL,
    /** The connection was never established, because the server refused it. */
    REFUSE,
    /** An open connection carried traffic, or the traffic of an ended connection was reported late. */
    TRAFFIC;

    /** Whether the connection failed or was reset. */
    public boolean isFailure() {
        return this == RESET || this == FAIL || this == REFUSE;
    }
}
