package io.natator.topology.statistics;

/** Why an end of a connection was not named after a workload, although the end is in the cluster. */
public enum UnresolvedReason {
    /** The pod that owns the socket was still unknown after {@code --settle-after}. */
    UNKNOWN_POD,
    /** The collector could not find the process of the socket, so the socket can belong to any pod on the node's network. */
    UNKNOWN_PROCESS,
    /** The end's address is internal, has no known owner, and is in no range of {@code --cidr-names}. */
    UNKNOWN_ADDRESS,
    /** The end's address has known owners, but none of them owned it while the connection was open. */
    NOT_OWNED_THEN,
    /** The enricher had not published all identities up to the opening of the connection within {@code --settle-after}. */
    INCOMPLETE_IDENTITIES
}
