package io.natator.collector;

import java.util.Locale;

/** How records to Kafka are compressed. It offers only algorithms that need no native library in the node agent. */
public enum Compression {
    /** No compression. */
    NONE,
    /** RFC 1952, by the JDK. */
    GZIP;

    /** The value of Kafka's {@code compression.type}. */
    String kafkaName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
