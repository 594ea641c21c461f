package io.natator.collector;

import io.natator.bpf.SocketSource;
import java.nio.file.Path;

/** What is done in the kernel before and after collecting. */
interface KernelSide {
    /**
     * Loads and attaches what is not pinned yet, and begins to read.
     *
     * @throws CollectorStartException if the kernel, libbpf or the privileges do not allow it
     */
    SocketSource open(CollectorConfig config) throws CollectorStartException;

    /**
     * Detaches and removes what is pinned; nothing pinned is no failure.
     *
     * @throws CollectorStartException if it cannot be removed
     */
    void unload(Path pinDirectory) throws CollectorStartException;
}
