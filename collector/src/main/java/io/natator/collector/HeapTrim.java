package io.natator.collector;

import java.util.function.LongSupplier;

/**
 * Gives heap back that is no longer needed. The serial collector would rather take all heap that it may than look what of
 * it is garbage, so a node's collector would sooner or later hold its whole -Xmx, whatever its connections need. Not
 * thread-safe.
 */
final class HeapTrim {
    /** Below that part of what is needed, a collection of the whole heap is not worth its time. */
    private static final int WORTHWHILE_PART = 5;

    private final LongSupplier committedBytes;
    private final Runnable collection;
    private long committedAfterLast;

    /** Of this JVM. */
    HeapTrim() {
        this(Runtime.getRuntime()::totalMemory, System::gc);
    }

    /**
     * Of some heap.
     *
     * @param collection collects all of it, and lets go of what is then free
     */
    HeapTrim(LongSupplier committedBytes, Runnable collection) {
        this.committedBytes = committedBytes;
        this.collection = collection;
    }

    /** Collects where the heap has grown since the last time; to be called now and then. */
    void run() {
        if (committedBytes.getAsLong() - committedAfterLast <= committedAfterLast / WORTHWHILE_PART) {
            return;
        }
        collection.run();
        committedAfterLast = committedBytes.getAsLong();
    }
}
