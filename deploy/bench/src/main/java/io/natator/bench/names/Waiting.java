package io.natator.bench.names;

import io.natator.bench.Machine;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what others do. */
final class Waiting {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Waiting() {}

    /**
     * Waits until it is so.
     *
     * @throws IllegalStateException if it is not within five minutes
     */
    static void until(String what, BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new IllegalStateException("waited in vain for " + what);
            }
            Machine.pause(PAUSE);
        }
    }
}
