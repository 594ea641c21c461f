package io.natator.bench.names;

import io.natator.bench.Machine;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what others do. */
final class Waiting {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Waiting() {}

    /**
     * Waits until it is so.
     *
     * @throws IllegalStateException if it is not within ten minutes
     */
    static void until(String what, BooleanSupplier condition) {
        forIt(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty(), () -> "");
    }

    /**
     * Waits until it is there.
     *
     * @param instead what there is instead, for the exception
     * @throws IllegalStateException if it is not there within ten minutes
     */
    static <T> T forIt(String what, Supplier<Optional<T>> found, Supplier<String> instead) {
        long began = System.nanoTime();
        while (true) {
            Optional<T> now = found.get();
            if (now.isPresent()) {
                return now.get();
            }
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new IllegalStateException("waited in vain for " + what + ": " + instead.get());
            }
            Machine.pause(PAUSE);
        }
    }
}
