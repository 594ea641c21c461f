package io.natator.topology.statistics;

/** Why a record is sent to the topic {@code dead-letters} instead of being processed. */
public enum DeadLetterReason {
    /** The bytes cannot be decoded, because they are not a record of a known schema. */
    UNDECODABLE,
    /** The key or the value is missing. */
    INCOMPLETE,
    /** A counter is negative. */
    NEGATIVE_COUNTER,
    /** A counter has a larger value than any connection can have. */
    ABSURD_COUNTER,
    /** A text field, such as the node's name, is longer than any valid name. */
    TEXT,
    /** An address has neither 4 nor 16 bytes. */
    ADDRESS,
    /** A port is not in the range 0 to 65535. */
    PORT
}
