package io.natator.topology.ledger;

/** What a connection did. */
public enum Activity {
    /** It was established. */
    OPEN,
    /** It ended in order, or both ends ceased to report it. */
    CLOSE,
    /** It was established and did not end in order. */
    RESET,
    /** It was never established. */
    FAIL,
    /** It was never established: the server refused it. */
    REFUSE,
    /** It is open and carried traffic, or its last traffic became known after its end. */
    TRAFFIC;

    /** Whether the connection failed or was reset. */
    public boolean isFailure() {
        return this == RESET || this == FAIL || this == REFUSE;
    }
}
