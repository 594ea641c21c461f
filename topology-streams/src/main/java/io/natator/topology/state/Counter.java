package io.natator.topology.state;

import java.util.concurrent.atomic.AtomicLong;

/** A counter that starts at 0 with the application and only grows. Thread-safe. */
public final class Counter {
    private final AtomicLong value = new AtomicLong();

    /** Adds one and returns the new value. */
    public long increment() {
        return value.incrementAndGet();
    }

    /** Adds an amount that is not negative. */
    public void add(long amount) {
        value.addAndGet(amount);
    }

    /** The current value. */
    public long value() {
        return value.get();
    }
}
