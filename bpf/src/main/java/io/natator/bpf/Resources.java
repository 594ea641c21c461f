package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The resources of a tracker. Closes them in reverse order. */
final class Resources implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /** Closes all resources, then throws the first failure. */
    @Override
    public void close() {
        @Nullable BpfException failed = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception failure) { // AutoCloseable declares Exception
                if (failed == null) {
                    failed = new BpfException("tracker not closed: " + failure.getMessage(), failure);
                } else {
                    failed.addSuppressed(failure);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
