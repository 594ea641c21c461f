package io.natator.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Finds free TCP ports for processes that need a fixed port. If a process can report the port that it has bound, start
 * the process with port 0 instead.
 */
public final class FreePort {
    private FreePort() {}

    /**
     * Returns a loopback port on which nobody listens now. Another process can bind the port before the caller does.
     */
    public static int find() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no port is free", e);
        }
    }
}
