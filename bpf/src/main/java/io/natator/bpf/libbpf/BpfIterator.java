package io.natator.bpf.libbpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An attached iterator program. The kernel runs it once for each object of a kind, for example for each socket.
 * Thread-safe until it is closed.
 */
public final class BpfIterator implements AutoCloseable {
    private static final long BUFFER_BYTES = 4096;

    private final Libbpf libbpf;
    private final String name;
    private final BpfLink link;

    BpfIterator(Libbpf libbpf, String name, BpfLink link) {
        this.libbpf = libbpf;
        this.name = name;
        this.link = link;
    }

    /**
     * Runs the program for every object. An iterator over sockets covers the network namespace of the calling thread.
     */
    public void run() {
        int descriptor = libbpf.createIterator(link.descriptor());
        if (descriptor < 0) {
            throw BpfException.ofErrno("iterator " + name + " not started", descriptor);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER_BYTES);
            long count;
            do {
                count = SystemCalls.read(descriptor, buffer);
            } while (count > 0);
        } finally {
            SystemCalls.close(descriptor);
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
