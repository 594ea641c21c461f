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

    /** Pins the link: the program stays attached after this process. The path is in a BPF file system, without a dot. */
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
            // Closes the descriptor, also if it fails. A pin is another reference.
            int ignored = libbpf.destroyLink(link);
        }
    }
}
