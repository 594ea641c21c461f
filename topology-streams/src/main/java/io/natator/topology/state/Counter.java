package io.natator.topology.state;

import java.util.concurrent.atomic.AtomicLong;

/** A count that only grows, since the start of the application. Thread-safe. */
public final class Counter {
    private final AtomicLong value = new AtomicLong();

    /** Adds one; the new value. */
    public long increment() {
        return value.incrementAndGet();
    }

    /** Adds what is not negative. */
    public void add(long amount) {
        value.addAndGet(amount);
    }

    /** The value so far. */
    public long value() {
        return value.get();
    }
}
