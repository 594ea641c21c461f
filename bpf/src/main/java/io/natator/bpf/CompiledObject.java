package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.KernelProbe;
import io.natator.bpf.libbpf.Support;
import java.io.IOException;
import java.io.InputStream;

/** The BPF objects that the build has compiled. */
final class CompiledObject {
    /** TCP, for all kernels. */
    static final String TCP = "tcp";

    /** TCP, for kernels where {@link #hasTypedPointers}. */
    private static final String TCP_TYPED = "tcp_typed";

    private CompiledObject() {}

    /** The object for TCP that the running kernel reads sockets fastest with. */
    static byte[] readTcp() {
        try (KernelProbe kernel = new KernelProbe()) {
            // In doubt the object for all kernels: a kernel without the function would refuse the other one.
            return read(hasTypedPointers(kernel) ? TCP_TYPED : TCP);
        }
    }

    /** Whether programs can read a socket at an address as a typed struct, without bpf_probe_read_kernel() (Linux 6.2). */
    static boolean hasTypedPointers(KernelProbe kernel) {
        return kernel.callableFunction("bpf_rdonly_cast") == Support.YES;
    }

    /** Reads the object's ELF file for this processor. */
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
