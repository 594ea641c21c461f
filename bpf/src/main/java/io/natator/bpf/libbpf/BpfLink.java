package io.natator.bpf.libbpf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Keeps a program attached. Closing the link detaches the program, unless the link is pinned. */
public final class BpfLink implements AutoCloseable {
    private final Libbpf libbpf;
    private final MemorySegment link;
    private boolean closed;

    BpfLink(Libbpf libbpf, MemorySegment link) {
        this.libbpf = libbpf;
        this.link = link;
    }

    /**
     * Pins the link, so that the program stays attached when this process has ended.
     *
     * @param path a new file in a BPF file system; its name must not contain a dot
     */
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
            // Even if it fails, this call closes our descriptor. A pinned link stays: the pin is another reference to
            // it.
            int ignored = libbpf.destroyLink(link);
        }
    }
}
