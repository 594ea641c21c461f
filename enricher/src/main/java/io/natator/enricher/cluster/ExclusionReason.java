package io.natator.enricher.cluster;

/** Why an object or a field of the API was excluded. */
public enum ExclusionReason {
    /** No metadata, UID or name: the object is excluded. */
    NAMELESS,
    /** Text that is no IP address, or an address without an owner (unspecified, loopback, multicast). */
    ADDRESS,
    /** A time that cannot be parsed, or is far in the future. */
    TIME,
    /** An object whose parsing failed unexpectedly, which is a defect of the enricher. */
    UNEXPECTED
}
