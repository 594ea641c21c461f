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
 * A BPF ring buffer mapped into memory and read as a log: reading goes ahead, and only {@link #release} gives the kernel
 * the room back (kernel/bpf/ringbuf.c). One thread at a time. After {@link #close} every method throws an
 * {@link IllegalStateException}.
 */
final class RingBuffer implements AutoCloseable {
    private static final int BUSY = 1 << 31;
    private static final int DISCARDED = 1 << 30;
    private static final int HEADER_BYTES = 8;
    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final VarHandle INT = JAVA_INT.varHandle();

    /** Shared: any thread may close it, and an access after that throws instead of reading memory that is unmapped. */
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
            // Once, though the kernel offers the data twice, one after the other: each mapping counts as resident
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

    /** Gives the consumer each next record, {@code limit} at most, valid during the call alone. */
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

    /** Headers are as long as they are aligned, so that none is broken at the end; a record that is, is put together. */
    private MemorySegment record(long offset, int length) {
        long untilEnd = capacity - offset;
        if (length <= untilEnd) {
            return data.asSlice(offset, length);
        }
        // As aligned as in the ring.
        MemorySegment whole = MemorySegment.ofArray(new long[(length + Long.BYTES - 1) / Long.BYTES]);
        MemorySegment.copy(data, offset, whole, 0, untilEnd);
        MemorySegment.copy(data, 0, whole, untilEnd, length - untilEnd);
        return whole.asSlice(0, length);
    }

    /** Where the next record to be read begins. */
    long position() {
        return readPosition;
    }

    /** Whether everything was read that was ever written. */
    boolean isExhausted() {
        return readPosition == (long) LONG.getAcquire(producer, 0L);
    }

    /** Gives the kernel everything before the position back. */
    void release(long position) {
        LONG.setRelease(consumer, 0L, position);
    }

    /** Bytes that were not released. */
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
