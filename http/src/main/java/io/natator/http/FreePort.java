package io.natator.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Finds TCP ports for processes that have to be given one. Prefer port 0 if the process can report its port. */
public final class FreePort {
    private FreePort() {}

    /** A port of loopback that nobody listens on now; another process may take it before it is used. */
    public static int find() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no port is free", e);
        }
    }
}
