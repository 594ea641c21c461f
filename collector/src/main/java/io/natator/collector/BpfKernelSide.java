package io.natator.collector;

import io.natator.bpf.SocketSource;
import java.nio.file.Path;

/** The one place where the module {@code bpf} is told to load and unload, and where its failures become lines for a person. */
final class BpfKernelSide implements KernelSide {
    @Override
    public SocketSource open(CollectorConfig config) throws CollectorStartException {
        throw new CollectorStartException(
                "cannot attach to the kernel: this build holds no BPF object: use a release of the collector");
    }

    @Override
    public void unload(Path pinDirectory) throws CollectorStartException {
        throw new CollectorStartException("cannot remove what is pinned in " + pinDirectory
                + ": this build holds no BPF object: use a release of the collector");
    }
}
