package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.KernelProbe;
import io.natator.bpf.libbpf.Support;
import java.io.IOException;
import java.io.InputStream;

/** The BPF objects (ELF files) that the build has compiled. */
final class CompiledObject {
    /** The object for TCP that all supported kernels can load. */
    static final String TCP = "tcp";

    /** The object for TCP that is faster, but needs {@link #hasTypedPointers typed pointers}. */
    private static final String TCP_TYPED = "tcp_typed";

    private CompiledObject() {}

    /** Returns the ELF file of the object for TCP: the faster one if the kernel has typed pointers. */
    static byte[] readTcp() {
        try (KernelProbe kernel = new KernelProbe()) {
            // If the probe fails, the object for all kernels is used, because a kernel without typed pointers refuses
            // the faster one.
            return read(hasTypedPointers(kernel) ? TCP_TYPED : TCP);
        }
    }

    /**
     * Whether the kernel has typed pointers (Linux 6.2): programs can read the socket at a stored address directly,
     * without bpf_probe_read_kernel().
     */
    static boolean hasTypedPointers(KernelProbe kernel) {
        return kernel.callableFunction("bpf_rdonly_cast") == Support.YES;
    }

    /** Returns the ELF file of an object for the processor of this machine. */
    static byte[] read(String object) {
        String name = object + "-" + System.getProperty("os.arch") + ".bpf.o";
        try (InputStream file = CompiledObject.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new BpfException("BPF object not found: there is none for this processor, " + name
                        + ": run on amd64 or aarch64");
            }
            return file.readAllBytes();
        } catch (IOException failure) {
            throw new BpfException("BPF object not read: " + name + ": " + failure.getMessage(), failure);
        }
    }
}
