package io.natator.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** A build of the kernel side with another record layout, pinned under another version. */
public final class OtherBuild {
    /** Its version. */
    public static final int VERSION = 0;

    private OtherBuild() {}

    /** Loads and attaches it. Its own records cannot be read here; tests use what it leaves pinned. */
    public static SocketSource open(TcpTrackerOptions options) {
        return TcpTracker.open(options, object("/other-layout.bpf.o"), VERSION);
    }

    /** The same for UDP, with {@link UdpHooks#CGROUP}. */
    public static SocketSource open(UdpTrackerOptions options) {
        return UdpTracker.open(options, object("/other-layout-udp.bpf.o"), VERSION);
    }

    private static byte[] object(String name) {
        try (InputStream object = Objects.requireNonNull(OtherBuild.class.getResourceAsStream(name), name)) {
            return object.readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
