package io.natator.bench.names;

import java.util.concurrent.Callable;

/** Creates the package-private commands of this package for {@code BenchCommandsTest}. */
public final class NamesCommands {
    private NamesCommands() {}

    /** The command {@code deploy/bench/names}. */
    public static Callable<Integer> names() {
        return new NamesBench();
    }

    /** The command {@code deploy/bench/api-server}. */
    public static Callable<Integer> apiServer() {
        return new ApiServerBench();
    }
}
