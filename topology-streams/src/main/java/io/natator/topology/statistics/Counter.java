package io.natator.topology.statistics;

import java.util.concurrent.atomic.AtomicLong;

/** A counter that starts at 0 and never decreases. Thread-safe. */
public final class Counter {
    private final AtomicLong value = new AtomicLong();

    public long increment() {
        return value.incrementAndGet();
    }

    /** Adds an amount, which must not be negative. */
    public void add(long amount) {
        value.addAndGet(amount);
    }

    public long value() {
        return value.get();
    }
}
