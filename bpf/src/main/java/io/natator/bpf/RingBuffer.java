package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/**
 * Reads a BPF ring buffer (kernel/bpf/ringbuf.c), which is mapped into memory. {@link #read} does not free the space of
 * the records; {@link #release} does. Only one thread at a time is allowed to use it. After {@link #close}, every
 * method throws an {@link IllegalStateException}.
 */
final class RingBuffer implements AutoCloseable {
    private static final int BUSY = 1 << 31;
    private static final int DISCARDED = 1 << 30;
    private static final int HEADER_BYTES = 8;
    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final VarHandle INT = JAVA_INT.varHandle();

    /**
     * The arena is shared, so that any thread can close the buffer. After that, an access throws an exception instead
     * of reading unmapped memory.
     */
    private final Arena mappings = Arena.ofShared();

    private final MemorySegment consumer;
    private final MemorySegment producer;
    private final MemorySegment data;
    private final long capacity;
    private long readPosition;

    RingBuffer(BpfMap map) {
        long page = SystemCalls.pageSize();
        capacity = map.maxEntries();
        try {
            consumer = mapped(SystemCalls.map(map.descriptor(), 0, page, true));
            // The kernel offers two consecutive mappings of the same data. Only one is used, because each of them adds
            // to the resident memory of the process.
            producer = mapped(SystemCalls.map(map.descriptor(), page, page + capacity, false));
        } catch (RuntimeException failure) {
            mappings.close();
            throw failure;
        }
        data = producer.asSlice(page);
        readPosition = consumerPosition();
    }

    private MemorySegment mapped(MemorySegment memory) {
        return memory.reinterpret(mappings, SystemCalls::unmap);
    }

    /**
     * Passes at most {@code limit} records to the consumer and returns their number. A record's segment is valid only
     * during the consumer's call.
     */
    int read(int limit, Consumer<MemorySegment> records) {
        long produced = (long) LONG.getAcquire(producer, 0L);
        int count = 0;
        while (count < limit && readPosition < produced) {
            long offset = readPosition & (capacity - 1);
            int header = (int) INT.getAcquire(data, offset);
            if ((header & BUSY) != 0) {
                break;
            }
            int length = header & ~(BUSY | DISCARDED);
            if ((header & DISCARDED) == 0) {
                records.accept(record((offset + HEADER_BYTES) & (capacity - 1), length));
                count++;
            }
            readPosition += (length + HEADER_BYTES + 7) & ~7;
        }
        return count;
    }

    /**
     * Returns a record. A record that wraps around the end of the buffer is copied. The header of a record never wraps,
     * because it is aligned.
     */
    private MemorySegment record(long offset, int length) {
        long untilEnd = capacity - offset;
        if (length <= untilEnd) {
            return data.asSlice(offset, length);
        }
        // The copy is an array of longs, because records are aligned to 8 bytes.
        MemorySegment whole = MemorySegment.ofArray(new long[(length + Long.BYTES - 1) / Long.BYTES]);
        MemorySegment.copy(data, offset, whole, 0, untilEnd);
        MemorySegment.copy(data, 0, whole, untilEnd, length - untilEnd);
        return whole.asSlice(0, length);
    }

    /** Returns the position of the next record to read, in bytes since the buffer was created. */
    long position() {
        return readPosition;
    }

    /** Whether all records are read. */
    boolean isExhausted() {
        return readPosition == (long) LONG.getAcquire(producer, 0L);
    }

    /** Lets the kernel reuse the space of all records before the position. */
    void release(long position) {
        LONG.setRelease(consumer, 0L, position);
    }

    /** Returns the number of bytes that are in use, which means written by programs and not released yet. */
    long unreleasedBytes() {
        return (long) LONG.getAcquire(producer, 0L) - consumerPosition();
    }

    long capacity() {
        return capacity;
    }

    private long consumerPosition() {
        return (long) LONG.getAcquire(consumer, 0L);
    }

    @Override
    public void close() {
        if (mappings.scope().isAlive()) {
            mappings.close();
        }
    }
}
