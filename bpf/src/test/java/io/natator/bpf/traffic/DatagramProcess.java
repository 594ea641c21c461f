package io.natator.bpf.traffic;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntSupplier;

/**
 * A process in a network namespace that exchanges datagrams at the command of a test, and counts them. A socket is
 * identified by its file descriptor in this process. Not thread-safe.
 */
public final class DatagramProcess implements AutoCloseable {
    /** Numbers of datagrams and payload bytes that the process has sent and received over a socket. */
    public record Counters(long sent, long bytesSent, long received, long bytesReceived) {}

    private final PeerProcess process;
    private final IntSupplier unusedPorts;

    private DatagramProcess(PeerProcess process, IntSupplier unusedPorts) {
        this.process = process;
        this.unusedPorts = unusedPorts;
    }

    /** @param command name (comm) of the process, at most 15 bytes */
    static DatagramProcess start(String namespace, String command, IntSupplier unusedPorts) {
        return new DatagramProcess(PeerProcess.start(namespace, NativeProgram.path("datagrams"), command), unusedPorts);
    }

    public long pid() {
        return process.pid();
    }

    public int socket(boolean ipv4) {
        return number("socket " + (ipv4 ? 4 : 6));
    }

    /**
     * Binds to a port that no other socket uses ({@link TestNetwork#unusedPort}), and returns it. The port is not
     * ephemeral.
     */
    public int bind(int socket, String address) {
        return bind(socket, address, unusedPorts.getAsInt());
    }

    /**
     * Binds to an ephemeral port, which the kernel assigns, and returns it. It is possible that an earlier socket had
     * this port.
     */
    public int bindToAny(int socket, String address) {
        return bind(socket, address, 0);
    }

    /** Binds to an address and port, and returns the port. */
    public int bind(int socket, String address, int port) {
        return number("bind " + socket + " " + address + " " + port);
    }

    /** Connects, and returns the local port. */
    public int connect(int socket, String address, int port) {
        return number("connect " + socket + " " + address + " " + port);
    }

    /** Answers each datagram with a datagram of twice the size, until the process ends. */
    public void serve(int socket) {
        number("serve " + socket);
    }

    /** Answers each datagram with these bytes (at most 4000), until the process ends. */
    public void reply(int socket, byte[] answer) {
        number("reply " + socket + " " + HexFormat.of().formatHex(answer));
    }

    /**
     * Sends {@code count} questions one after the other, and waits for the answer to each. The questions have different
     * sizes from 0 to {@code largest} bytes.
     *
     * @param port 0 if the socket is connected
     */
    public void ask(int socket, String address, int port, int count, int largest) {
        number("ask " + socket + " " + address + " " + port + " " + count + " " + largest);
    }

    public void send(int socket, String address, int port, int bytes) {
        number("send " + socket + " " + address + " " + port + " " + bytes);
    }

    /** Sends a datagram, expects that sending fails, and returns the name of the error number. */
    public String sendFailing(int socket, String address, int port, int bytes) {
        String question = "send " + socket + " " + address + " " + port + " " + bytes;
        process.write(question);
        String answer = process.answer();
        if (!answer.startsWith("failed ")) {
            throw new IllegalStateException(question + ": expected to fail: " + answer);
        }
        return answer.substring("failed ".length());
    }

    /** Writes the beginning of a datagram; the next {@link #send} completes the datagram (MSG_MORE). */
    public void sendPart(int socket, String address, int port, int bytes) {
        number("part " + socket + " " + address + " " + port + " " + bytes);
    }

    /**
     * Sends several datagrams of {@code segment} bytes with one system call (UDP_SEGMENT). The process does not count
     * them.
     */
    public void sendSegments(int socket, String address, int port, int bytes, int segment) {
        number("segments " + socket + " " + address + " " + port + " " + bytes + " " + segment);
    }

    /** Allows the kernel to deliver several datagrams of the same size with one system call (UDP_GRO). */
    public void receiveTogether(int socket) {
        number("gro " + socket);
    }

    /** Waits for a datagram, peeks at it (MSG_PEEK), and returns its size. */
    public int peek(int socket) {
        return number("peek " + socket);
    }

    /** Waits for a datagram, reads it into a buffer of {@code capacity} bytes, and returns the size of the datagram. */
    public int receive(int socket, int capacity) {
        return number("receive " + socket + " " + capacity);
    }

    /** Sets the size of the receive buffer (SO_RCVBUF). */
    public void buffer(int socket, int bytes) {
        number("room " + socket + " " + bytes);
    }

    public int localPort(int socket) {
        return number("port " + socket);
    }

    public Counters counters(int socket) {
        long[] figures = Arrays.stream(process.ask("counters " + socket).split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
        return new Counters(figures[0], figures[1], figures[2], figures[3]);
    }

    public void close(int socket) {
        number("close " + socket);
    }

    private int number(String command) {
        return Integer.parseInt(process.ask(command));
    }

    @Override
    public void close() {
        process.close();
    }
}
