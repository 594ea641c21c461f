package io.natator.bench.topology;

import java.util.Locale;

/** What is measured. */
enum Subject {
    /** A consumer that decodes, and commits its offsets. */
    CONSUMER("consumer that only decodes"),
    /** Kafka Streams, exactly once: decodes, encodes, writes. */
    PASS_THROUGH("pass-through, exactly once"),
    /** The whole of topology-streams, as it is by default. */
    TOPOLOGY("topology"),
    /** The same without events for security tools. */
    WITHOUT_ACTIVITY("topology, --activity off");

    private final String title;

    Subject(String title) {
        this.title = title;
    }

    /** As the command line writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String title() {
        return title;
    }

    boolean isTopology() {
        return this == TOPOLOGY || this == WITHOUT_ACTIVITY;
    }
}
