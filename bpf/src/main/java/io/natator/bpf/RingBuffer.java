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
 * A BPF ring buffer, mapped into memory and read as a log: {@link #read} reads ahead, and only {@link #release} frees the space for
 * the kernel (kernel/bpf/ringbuf.c). For one thread at a time. After {@link #close} every method throws an
 * {@link IllegalStateException}.
 */
final class RingBuffer implements AutoCloseable {
    private static final int BUSY = 1 << 31;
    private static final int DISCARDED = 1 << 30;
    private static final int HEADER_BYTES = 8;
    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final VarHandle INT = JAVA_INT.varHandle();

    /** Shared: any thread may close it. An access after that throws, and does not read unmapped memory. */
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
            // The kernel offers the data twice, one copy behind the other. Only one is mapped: each counts as resident
            // memory.
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

    /** Passes the next records, at most {@code limit}, each valid only during the call. Returns how many there were. */
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

    /** A header never wraps around the end of the buffer, since it is as long as it is aligned. A record that wraps is copied. */
    private MemorySegment record(long offset, int length) {
        long untilEnd = capacity - offset;
        if (length <= untilEnd) {
            return data.asSlice(offset, length);
        }
        // Aligned as in the ring.
        MemorySegment whole = MemorySegment.ofArray(new long[(length + Long.BYTES - 1) / Long.BYTES]);
        MemorySegment.copy(data, offset, whole, 0, untilEnd);
        MemorySegment.copy(data, 0, whole, untilEnd, length - untilEnd);
        return whole.asSlice(0, length);
    }

    /** The position of the next record to read. */
    long position() {
        return readPosition;
    }

    /** Whether all records are read. */
    boolean isExhausted() {
        return readPosition == (long) LONG.getAcquire(producer, 0L);
    }

    /** Frees the space before the position for the kernel. */
    void release(long position) {
        LONG.setRelease(consumer, 0L, position);
    }

    /** Bytes that are not released. */
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
