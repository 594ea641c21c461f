package io.natator.bpf;

import io.natator.bpf.libbpf.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A BPF file system that is mounted for one test. */
public final class BpfFileSystem implements AutoCloseable {
    private final Path folder;

    /** Mounts the file system on a new directory. Needs root. */
    public BpfFileSystem() throws IOException {
        folder = Files.createTempDirectory("natator-bpffs");
        SystemCalls.mountBpfFileSystem(folder);
    }

    /** Returns the path of a pin directory that does not exist yet. */
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
