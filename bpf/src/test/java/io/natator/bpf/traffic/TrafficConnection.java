package io.natator.bpf.traffic;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One end of a test connection. It exchanges bytes according to its {@link ClosingMode}, and counts them. The client
 * first sends a header with the connection's id, its mode and the number of bytes of each end. The bytes of the header
 * are counted, too.
 */
final class TrafficConnection {
    private static final int HEADER_BYTES = 25;
    private static final int CHUNK_BYTES = 16 << 10;

    private final SocketChannel channel;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final boolean client;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong read = new AtomicLong();
    private volatile long id;
    private volatile ClosingMode mode = ClosingMode.HELD;
    private volatile int clientBytes;
    private volatile int serverBytes;
    private volatile boolean closed;

    private TrafficConnection(SocketChannel channel, boolean client) throws IOException {
        this.channel = channel;
        this.client = client;
        local = (InetSocketAddress) channel.getLocalAddress();
        remote = (InetSocketAddress) channel.getRemoteAddress();
    }

    static TrafficConnection opened(SocketChannel channel, long id, ClosingMode mode, int clientBytes, int serverBytes)
            throws IOException {
        TrafficConnection connection = new TrafficConnection(channel, true);
        connection.id = id;
        connection.mode = mode;
        connection.clientBytes = clientBytes;
        connection.serverBytes = serverBytes;
        return connection;
    }

    static TrafficConnection accepted(SocketChannel channel) throws IOException {
        return new TrafficConnection(channel, false);
    }

    TrafficResult result() {
        return new TrafficResult(
                client,
                id,
                mode,
                new TrafficResult.End(local.getAddress(), local.getPort()),
                new TrafficResult.End(remote.getAddress(), remote.getPort()),
                new TrafficResult.Bytes(written.get(), read.get()),
                closed);
    }

    /** Exchanges the client's bytes, and closes the client's end. */
    void finish() throws IOException {
        sendHeader();
        switch (mode) {
            case CLIENT_FIRST, TOGETHER -> both(clientBytes, serverBytes);
            case SERVER_FIRST -> {
                both(clientBytes, serverBytes);
                receiveEnd();
            }
            case CLIENT_HALF_CLOSE -> {
                send(clientBytes);
                channel.shutdownOutput();
                receive(serverBytes);
                receiveEnd();
            }
            case SERVER_HALF_CLOSE -> {
                receive(serverBytes);
                receiveEnd();
                send(clientBytes);
            }
            case CLIENT_RESET -> {
                both(clientBytes, serverBytes);
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            case SERVER_RESET -> {
                both(clientBytes - 1, serverBytes);
                send(1);
                receiveEnd();
            }
            case HELD -> throw new IllegalStateException("held");
        }
        close();
    }

    /** Exchanges the first bytes of a connection that stays open ({@link ClosingMode#HELD}). */
    void exchange() throws IOException {
        sendHeader();
        both(clientBytes, serverBytes);
    }

    void sendMore(int bytes) throws IOException {
        send(bytes);
    }

    void close() throws IOException {
        channel.close();
        closed = true;
    }

    /** Exchanges the server's bytes, and closes the server's end. */
    void serve() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        while (header.hasRemaining()) {
            countRead(channel.read(header));
        }
        header.flip();
        id = header.getLong();
        mode = ClosingMode.of(header.get());
        clientBytes = (int) header.getLong();
        serverBytes = (int) header.getLong();
        switch (mode) {
            case SERVER_FIRST, TOGETHER -> both(serverBytes, clientBytes);
            case CLIENT_FIRST, HELD -> {
                both(serverBytes, clientBytes);
                receiveEnd();
            }
            case CLIENT_HALF_CLOSE -> {
                receive(clientBytes);
                receiveEnd();
                send(serverBytes);
            }
            case SERVER_HALF_CLOSE -> {
                send(serverBytes);
                channel.shutdownOutput();
                receive(clientBytes);
                receiveEnd();
            }
            case CLIENT_RESET -> {
                both(serverBytes - 1, clientBytes);
                send(1);
                receiveEnd();
            }
            case SERVER_RESET -> {
                both(serverBytes, clientBytes);
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
        close();
    }

    private void sendHeader() throws IOException {
        write(ByteBuffer.allocate(HEADER_BYTES)
                .putLong(id)
                .put(mode.code())
                .putLong(clientBytes)
                .putLong(serverBytes)
                .flip());
    }

    /** Sends and receives at the same time, so that full buffers do not block both ends. */
    private void both(int send, int receive) throws IOException {
        FutureTask<Void> sending = new FutureTask<>(() -> {
            send(send);
            return null;
        });
        Thread.startVirtualThread(sending);
        receive(receive);
        try {
            sending.get();
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    private void send(int bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        for (int left = bytes; left > 0; ) {
            chunk.clear().limit(Math.min(left, CHUNK_BYTES));
            left -= chunk.remaining();
            write(chunk);
        }
    }

    private void write(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            written.addAndGet(channel.write(buffer));
        }
    }

    private void receive(int bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        for (int left = bytes; left > 0; ) {
            chunk.clear().limit(Math.min(left, CHUNK_BYTES));
            left -= countRead(channel.read(chunk));
        }
    }

    /** Reads until the peer closes or resets the connection. */
    private void receiveEnd() {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        try {
            for (int count = channel.read(chunk); count >= 0; count = channel.read(chunk.clear())) {
                read.addAndGet(count);
            }
        } catch (IOException reset) {
            // The peer has reset the connection.
            return;
        }
    }

    private int countRead(int count) throws IOException {
        if (count < 0) {
            throw new EOFException("ended early");
        }
        read.addAndGet(count);
        return count;
    }
}
