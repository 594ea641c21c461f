package io.natator.bpf.libbpf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A link between a program and its hook. Closing the link detaches the program, except if the link is pinned. */
public final class BpfLink implements AutoCloseable {
    private final Libbpf libbpf;
    private final MemorySegment link;
    private boolean closed;

    BpfLink(Libbpf libbpf, MemorySegment link) {
        this.libbpf = libbpf;
        this.link = link;
    }

    /**
     * Pins the link, so that the program stays attached after this process has ended.
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
            // This call closes our descriptor even if it fails. A pinned link stays attached, because the pin is
            // another reference to it.
            int ignored = libbpf.destroyLink(link);
        }
    }
}
