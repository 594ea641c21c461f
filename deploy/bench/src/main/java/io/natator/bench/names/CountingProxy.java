package io.natator.bench.names;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A proxy between an enricher and the API server that counts the bytes that the server sends: TCP payload, including TLS.
 * Thread-safe.
 */
final class CountingProxy implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;
    private static final int BACKLOG = 64;

    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();

    CountingProxy(String url) {
        URI uri = URI.create(url);
        server = new InetSocketAddress(uri.getHost(), uri.getPort());
        try {
            listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Number of bytes that the API server has sent so far. */
    long received() {
        return received.get();
    }

    /** Number of connections that were opened so far. */
    long connections() {
        return connections.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return; // the proxy was closed
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var upstream = new Socket()) {
            upstream.connect(server);
            connections.incrementAndGet();
            Thread up = Thread.ofVirtual().start(() -> copy(client, upstream, new AtomicLong()));
            copy(upstream, client, received);
            up.join();
        } catch (IOException e) {
            // the API server is unreachable, so the connection ends
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Copies data from one connection to the other until one of them is closed, then closes both. */
    private static void copy(Socket from, Socket to, AtomicLong count) {
        var buffer = new byte[BUFFER];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                count.addAndGet(read);
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // one of the connections is closed
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
