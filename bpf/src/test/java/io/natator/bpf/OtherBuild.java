package io.natator.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** A build of the kernel side that lays its records out otherwise and pins them under another version. */
public final class OtherBuild {
    /** Its version. */
    public static final int VERSION = 0;

    private OtherBuild() {}

    /** Loads and attaches it; what it hands out itself cannot be read, what it leaves pinned is what it is for. */
    public static SocketSource open(TcpTrackerOptions options) {
        String name = "/other-layout.bpf.o";
        try (InputStream object = Objects.requireNonNull(OtherBuild.class.getResourceAsStream(name), name)) {
            return TcpTracker.open(options, object.readAllBytes(), VERSION);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
