package io.natator.bench.names;

import java.util.concurrent.Callable;

/** The commands of this package, for the test of all. */
public final class NamesCommands {
    private NamesCommands() {}

    /** {@code deploy/bench/names}. */
    public static Callable<Integer> names() {
        return new NamesBench();
    }

    /** {@code deploy/bench/api-server}. */
    public static Callable<Integer> apiServer() {
        return new ApiServerBench();
    }
}
