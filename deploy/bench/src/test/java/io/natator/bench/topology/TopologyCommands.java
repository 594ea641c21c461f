package io.natator.bench.topology;

import java.util.concurrent.Callable;

/** The commands of this package, for the test of all. */
public final class TopologyCommands {
    private TopologyCommands() {}

    /** {@code deploy/bench/scrape}. */
    public static Callable<Integer> scrape() {
        return new ScrapeBench();
    }

    /** {@code deploy/bench/topology}. */
    public static Callable<Integer> topology() {
        return new TopologyBench();
    }
}
