package io.natator.collector;

import io.natator.bpf.SocketSource;
import java.nio.file.Path;

/** Loads and unloads the programs in the kernel. */
interface KernelSide {
    /**
     * Loads and attaches the programs, and opens a source that reads their records.
     *
     * @throws CollectorStartException if the kernel, libbpf or the privileges do not allow it
     */
    SocketSource open(CollectorConfig config) throws CollectorStartException;

    /**
     * Detaches and removes everything that is pinned. Does nothing if nothing is.
     *
     * @throws CollectorStartException if it cannot be removed
     */
    void unload(Path pinDirectory) throws CollectorStartException;
}
