package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import java.io.IOException;
import java.io.InputStream;

/** The BPF objects that the build has compiled. */
final class CompiledObject {
    private CompiledObject() {}

    /** The object's ELF file for this processor. */
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
