package io.natator.bench.names;

import io.natator.bench.Machine;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits until conditions are true. */
final class Waiting {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Waiting() {}

    /**
     * Waits until the condition is true.
     *
     * @throws IllegalStateException after ten minutes
     */
    static void until(String what, BooleanSupplier condition) {
        forValue(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty(), () -> "");
    }

    /**
     * Waits until the supplier returns a value.
     *
     * @param instead describes the present state, for the exception
     * @throws IllegalStateException after ten minutes
     */
    static <T> T forValue(String what, Supplier<Optional<T>> found, Supplier<String> instead) {
        long began = System.nanoTime();
        while (true) {
            Optional<T> now = found.get();
            if (now.isPresent()) {
                return now.get();
            }
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new IllegalStateException("timed out waiting for " + what + ": " + instead.get());
            }
            Machine.pause(PAUSE);
        }
    }
}
