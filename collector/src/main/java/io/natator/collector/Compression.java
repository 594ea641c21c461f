package io.natator.collector;

import java.util.Locale;

/** How records are compressed on their way to Kafka. Only what needs no native library in the node agent. */
public enum Compression {
    /** Not at all. */
    NONE,
    /** RFC 1952, by the JDK. */
    GZIP;

    /** The value of Kafka's {@code compression.type}. */
    String kafkaName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
