package io.natator.enricher.cluster;

/** Why an object or a field of the API was excluded. */
public enum ExclusionReason {
    /** The object has no metadata, UID or name. The whole object is excluded. */
    NAMELESS,
    /** The text is no IP address, or an address that nobody can own (unspecified, loopback, multicast). */
    ADDRESS,
    /** The time cannot be parsed, or is more than an hour in the future. */
    TIME,
    /** An annotation is not of the form that its specification requires. */
    ANNOTATION,
    /** A label or port of a pod, or a port of a Service, is above the maximum number or size. */
    LIMIT,
    /** Parsing the object failed unexpectedly, which is a defect of the enricher. */
    UNEXPECTED
}
