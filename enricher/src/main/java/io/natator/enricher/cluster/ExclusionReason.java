package io.natator.enricher.cluster;

/** Why an object or a field of the API was excluded. */
public enum ExclusionReason {
    /** The object has no metadata, UID or name. The whole object is excluded. */
    NAMELESS,
    /** The text is no IP address, or an address that nobody can own (unspecified, loopback, multicast). */
    ADDRESS,
    /** The time cannot be parsed, or is more than an hour in the future. */
    TIME,
    /** Parsing the object failed unexpectedly, which is a defect of the enricher. */
    UNEXPECTED
}
