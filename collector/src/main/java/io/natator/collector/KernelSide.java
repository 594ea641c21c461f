package io.natator.collector;

import io.natator.bpf.SocketSource;
import java.nio.file.Path;

/** Loads the BPF programs into the kernel, and unloads them. */
interface KernelSide {
    /**
     * Loads and attaches the programs, and opens a source that reads their records.
     *
     * @throws CollectorStartException if the kernel, libbpf or the privileges do not allow it
     */
    SocketSource open(CollectorConfig config) throws CollectorStartException;

    /**
     * Removes all pins, which detaches the programs. Does nothing if nothing is pinned.
     *
     * @throws CollectorStartException if the pins cannot be removed, for example because a collector is running
     */
    void unload(Path pinDirectory) throws CollectorStartException;
}
