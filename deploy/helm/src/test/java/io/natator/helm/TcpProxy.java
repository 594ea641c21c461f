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

/** Passes TCP connections on to another address; a test makes the way slow, or cuts it. Thread-safe. */
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

    /** Listens on a port of its own at the address. */
    TcpProxy(String address, InetSocketAddress target) throws IOException {
        this.target = target;
        listener = new ServerSocket();
        listener.bind(new InetSocketAddress(address, 0));
        threads.execute(this::accept);
    }

    /** Where it listens, as {@code host:port}. */
    String address() {
        return listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();
    }

    /** Every 16 KiB at most, in either direction, take so long from now on. */
    void slowDown(Duration delay) {
        this.delay = delay;
    }

    /** Ends all connections, and each new one, until {@link #restore}. */
    void cutOff() {
        cut = true;
        open.forEach(TcpProxy::end);
    }

    /** As fast as it can, for everyone. */
    void restore() {
        cut = false;
        delay = Duration.ZERO;
    }

    /** Pieces that were held up so far. */
    long delayed() {
        return delayed.get();
    }

    /** Connections that were ended at once so far. */
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
                // Closed, or a client that has gone already.
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
            // One end has gone: the other follows.
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
            // As above.
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
            // It has ended.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cutOff();
        threads.shutdownNow();
    }
}
