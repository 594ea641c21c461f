package io.natator.enricher.cluster;

/** What can be wrong with an object of the API. */
public enum Oddity {
    /** No metadata, UID or name: the object is left out. */
    NAMELESS,
    /** Text that is no IP address, or one that cannot belong to anything (unspecified, loopback, multicast). */
    ADDRESS,
    /** A time that cannot be read, or lies far in the future. */
    TIME,
    /** An object that could not be taken in at all; a defect here. */
    UNEXPECTED
}
