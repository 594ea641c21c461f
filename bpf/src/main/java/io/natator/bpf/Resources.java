package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The closeable resources of a tracker. They are closed in the reverse order of {@link #add}. */
final class Resources implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /** Closes all resources, even if some fail. Then throws the first failure. */
    @Override
    public void close() {
        @Nullable BpfException failed = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception failure) { // AutoCloseable.close declares Exception
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
