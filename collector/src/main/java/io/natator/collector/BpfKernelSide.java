package io.natator.collector;

import io.natator.bpf.SocketSource;
import io.natator.bpf.TcpTracker;
import io.natator.bpf.libbpf.BpfException;
import java.nio.file.Path;

/** The one place where the module {@code bpf} is told to load and unload, and where its failures become lines for a person. */
final class BpfKernelSide implements KernelSide {
    @Override
    public SocketSource open(CollectorConfig config) throws CollectorStartException {
        try {
            return TcpTracker.open(config.kernelCapacity()
                    .trackerOptions()
                    .withPinDirectory(config.pinDirectory())
                    .withFilter(config.filter().kernelFilter()));
        } catch (BpfException e) {
            throw new CollectorStartException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void unload(Path pinDirectory) throws CollectorStartException {
        try {
            TcpTracker.unload(pinDirectory);
        } catch (BpfException e) {
            throw new CollectorStartException(String.valueOf(e.getMessage()), e);
        }
    }
}
