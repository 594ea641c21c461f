package io.natator.collector;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Returns unused heap to the operating system. Without this class, the serial garbage collector would expand the heap
 * up to -Xmx before it runs a full collection. So the process would eventually occupy -Xmx even if its connections need
 * less. Not thread-safe.
 */
final class HeapTrim {
    /** Time between two calls of {@link #run}. */
    static final Duration INTERVAL = Duration.ofSeconds(30);

    /** A full collection runs only if the heap has grown by more than this fraction: one fifth. */
    private static final int WORTHWHILE_PART = 5;

    private final LongSupplier committedBytes;
    private final Runnable collection;
    private long committedAfterLast;

    /** Creates an instance that trims the heap of this JVM. */
    HeapTrim() {
        this(Runtime.getRuntime()::totalMemory, System::gc);
    }

    /**
     * Creates an instance that trims a simulated heap, for tests.
     *
     * @param committedBytes returns the size of the heap that the process occupies
     * @param collection runs a full collection, which also returns free memory to the operating system
     */
    HeapTrim(LongSupplier committedBytes, Runnable collection) {
        this.committedBytes = committedBytes;
        this.collection = collection;
    }

    /** Runs a full collection if the heap has grown by more than a fifth since the last one. Call it periodically. */
    void run() {
        if (committedBytes.getAsLong() - committedAfterLast <= committedAfterLast / WORTHWHILE_PART) {
            return;
        }
        collection.run();
        committedAfterLast = committedBytes.getAsLong();
    }
}
