package io.natator.collector;

import java.util.Locale;

/**
 * The algorithms with which records to Kafka can be compressed. Kafka's other algorithms are not offered, because they
 * need native libraries.
 */
public enum Compression {
    /** Records are not compressed. */
    NONE,
    /** Records are compressed with GZIP (RFC 1952), which the JDK implements. */
    GZIP;

    /** Returns the value for Kafka's setting {@code compression.type}. */
    String kafkaName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
