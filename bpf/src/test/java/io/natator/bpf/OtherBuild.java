package io.natator.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Simulates another version of the kernel side: the same programs, compiled with another record layout. */
public final class OtherBuild {
    /** The layout version under which the other version is pinned. */
    public static final int VERSION = 0;

    private OtherBuild() {}

    /**
     * Loads, pins and attaches the programs of the other version. Do not read from the returned source: its records
     * have another layout.
     */
    public static SocketSource open(TcpTrackerOptions options) {
        return TcpTracker.open(options, object("/other-layout.bpf.o"), VERSION);
    }

    /** Like {@link #open(TcpTrackerOptions)}, but for UDP with {@link UdpHooks#CGROUP}. */
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
