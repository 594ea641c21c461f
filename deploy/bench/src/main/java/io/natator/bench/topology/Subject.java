package io.natator.bench.topology;

import java.util.Locale;

/** The programs that the benchmark measures. */
enum Subject {
    /** A consumer that decodes each snapshot and commits its offsets. */
    CONSUMER("consumer that only decodes"),
    /** A Kafka Streams application that decodes, encodes and writes each snapshot, exactly once. */
    PASS_THROUGH("pass-through, exactly once"),
    /** topology-streams with its defaults. */
    TOPOLOGY("topology"),
    /** topology-streams without events for SIEMs. */
    WITHOUT_ACTIVITY("topology, --activity off");

    private final String title;

    Subject(String title) {
        this.title = title;
    }

    /** The subject's name on the command line. */
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
