package io.natator.topology.identity;

/**
 * How the name of one end of a connection was found, from the least to the most reliable source. If several names of an
 * end become known, the name from the most reliable source is right.
 */
public enum NameSource {
    /** There is no name, because the identities are not known up to the opening of the connection. */
    UNKNOWN,
    /** No object of a cluster is known at this end. The name is an external name, an address or a command. */
    UNIDENTIFIED,
    /** The end is named after the object that owned its address while the connection was open. */
    ADDRESS_OWNER,
    /** The end was reported by its own host, and its socket belongs to no pod. The name is the node or the process. */
    HOST,
    /** The end was reported by its own host, and its socket belongs to the pod that is named. */
    POD
}
