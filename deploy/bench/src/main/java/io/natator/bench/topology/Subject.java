package io.natator.bench.topology;

import java.util.Locale;

/** A program to measure. */
enum Subject {
    /** A consumer that decodes the snapshots and commits its offsets. */
    CONSUMER("consumer that only decodes"),
    /** Kafka Streams, exactly once: decodes, encodes, writes. */
    PASS_THROUGH("pass-through, exactly once"),
    /** topology-streams with its defaults. */
    TOPOLOGY("topology"),
    /** topology-streams without events for SIEMs. */
    WITHOUT_ACTIVITY("topology, --activity off");

    private final String title;

    Subject(String title) {
        this.title = title;
    }

    /** The name on the command line. */
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
