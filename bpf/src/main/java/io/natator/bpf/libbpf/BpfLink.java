package io.natator.bpf.libbpf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** An attached program. Closing detaches it, unless it is pinned. */
public final class BpfLink implements AutoCloseable {
    private final Libbpf libbpf;
    private final MemorySegment link;
    private boolean closed;

    BpfLink(Libbpf libbpf, MemorySegment link) {
        this.libbpf = libbpf;
        this.link = link;
    }

    /** Keeps the program attached beyond this process, under a name without dots in a BPF file system. */
    public void pin(Path path) {
        int result = libbpf.pin(descriptor(), path.toString());
        if (result != 0) {
            throw BpfException.ofErrno("link not pinned at " + path, result);
        }
    }

    int descriptor() {
        if (closed) {
            throw new IllegalStateException("link is closed");
        }
        return libbpf.linkDescriptor(link);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            // Closes the descriptor; a pin is another reference. Whatever is wrong with it, it is gone.
            int ignored = libbpf.destroyLink(link);
        }
    }
}
