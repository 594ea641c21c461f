package io.natator.collector;

import java.util.Locale;

/**
 * How records to Kafka are compressed. Kafka's other algorithms are not offered, because they need native libraries.
 */
public enum Compression {
    /** No compression. */
    NONE,
    /** GZIP (RFC 1952), implemented by the JDK. */
    GZIP;

    /** Returns the value of Kafka's setting {@code compression.type}. */
    String kafkaName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
