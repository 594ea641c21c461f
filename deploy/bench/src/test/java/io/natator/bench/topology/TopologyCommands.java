package io.natator.bench.topology;

import java.util.concurrent.Callable;

/** Creates the package-private commands of this package for {@code BenchCommandsTest}. */
public final class TopologyCommands {
    private TopologyCommands() {}

    /** The command {@code deploy/bench/scrape}. */
    public static Callable<Integer> scrape() {
        return new ScrapeBench();
    }

    /** The command {@code deploy/bench/topology}. */
    public static Callable<Integer> topology() {
        return new TopologyBench();
    }
}
