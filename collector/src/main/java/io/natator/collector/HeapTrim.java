package io.natator.collector;

import java.util.function.LongSupplier;

/**
 * Returns unused heap to the system. The serial garbage collector expands the heap up to -Xmx before it runs a full
 * collection. So without this class, the process would eventually occupy -Xmx even if its connections need less. Not
 * thread-safe.
 */
final class HeapTrim {
    /** Divisor: a full collection is worth its time if the heap has grown by more than 1/5. */
    private static final int WORTHWHILE_PART = 5;

    private final LongSupplier committedBytes;
    private final Runnable collection;
    private long committedAfterLast;

    /** Trims the heap of this JVM. */
    HeapTrim() {
        this(Runtime.getRuntime()::totalMemory, System::gc);
    }

    /**
     * Trims another heap, for tests.
     *
     * @param collection collects the whole heap and returns free memory
     */
    HeapTrim(LongSupplier committedBytes, Runnable collection) {
        this.committedBytes = committedBytes;
        this.collection = collection;
    }

    /** Collects if the heap has grown since the last collection. Call it periodically. */
    void run() {
        if (committedBytes.getAsLong() - committedAfterLast <= committedAfterLast / WORTHWHILE_PART) {
            return;
        }
        collection.run();
        committedAfterLast = committedBytes.getAsLong();
    }
}
