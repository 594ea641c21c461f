package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a tracker closes, the last one first. */
final class Resources implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception failure) {
                throw new BpfException("tracker not closed: " + failure.getMessage(), failure);
            }
        }
    }
}
