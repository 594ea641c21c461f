package io.natator.helm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Forwards TCP connections to another address. Tests can slow it down or interrupt it. Thread-safe. */
final class TcpProxy implements AutoCloseable {
    private static final int CHUNK = 1 << 14;

    private final ServerSocket listener;
    private final InetSocketAddress target;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong delayed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean cut;

    /** Listens on a free port of the address. */
    TcpProxy(String address, InetSocketAddress target) throws IOException {
        this.target = target;
        listener = new ServerSocket();
        listener.bind(new InetSocketAddress(address, 0));
        threads.execute(this::accept);
    }

    /** The proxy's address as {@code host:port}. */
    String address() {
        return listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();
    }

    /** Delays data from now on, in both directions. Each piece of at most 16 KiB is delayed by this time. */
    void slowDown(Duration delay) {
        this.delay = delay;
    }

    /** Closes all connections, and closes each new connection at once until {@link #restore}. */
    void cutOff() {
        cut = true;
        open.forEach(TcpProxy::end);
    }

    /** Forwards all connections without delay again. */
    void restore() {
        cut = false;
        delay = Duration.ZERO;
    }

    /** The number of pieces of data that were delayed so far. */
    long delayed() {
        return delayed.get();
    }

    /** The number of connections closed by {@link #cutOff} so far. */
    long refused() {
        return refused.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (cut) {
                    refused.incrementAndGet();
                    end(client);
                } else {
                    threads.execute(() -> connect(client));
                }
            } catch (IOException e) {
                // the proxy was closed, or the client has already disconnected
            }
        }
    }

    private void connect(Socket client) {
        try (client;
                Socket server = new Socket()) {
            server.connect(target, 5_000);
            for (Socket end : new Socket[] {client, server}) {
                end.setTcpNoDelay(true);
                open.add(end);
            }
            if (!cut) {
                var back = threads.submit(() -> pass(server, client));
                pass(client, server);
                back.get();
            }
        } catch (Exception e) {
            // one of the two connections is closed, so close the other one too
        } finally {
            open.remove(client);
        }
    }

    private void pass(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                Duration held = delay;
                if (!held.isZero()) {
                    delayed.incrementAndGet();
                    Thread.sleep(held);
                }
                out.write(chunk, 0, length);
            }
        } catch (IOException e) {
            // already closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(from);
            end(to);
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // already closed
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cutOff();
        threads.shutdownNow();
    }
}
