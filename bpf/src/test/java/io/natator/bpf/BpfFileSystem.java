package io.natator.bpf;

import io.natator.bpf.libbpf.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A BPF file system for one test. */
public final class BpfFileSystem implements AutoCloseable {
    private final Path folder;

    /** Mounts it on a new folder; needs root. */
    public BpfFileSystem() throws IOException {
        folder = Files.createTempDirectory("natator-bpffs");
        SystemCalls.mountBpfFileSystem(folder);
    }

    /** A folder to pin in; it does not exist yet. */
    public Path pins() {
        return folder.resolve("natator");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        int status = new ProcessBuilder("umount", folder.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException(folder + " not unmounted");
        }
        Files.delete(folder);
    }
}
