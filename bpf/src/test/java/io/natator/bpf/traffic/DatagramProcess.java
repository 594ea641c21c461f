package io.natator.bpf.traffic;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntSupplier;

/**
 * A process in a network namespace that exchanges datagrams as a test dictates, and counts them; a socket is named by its
 * file descriptor in that process. Not thread-safe.
 */
public final class DatagramProcess implements AutoCloseable {
    /** What a socket's process sent and received: datagrams and their payload bytes. */
    public record Counters(long sent, long bytesSent, long received, long bytesReceived) {}

    private final PeerProcess process;
    private final IntSupplier unusedPorts;

    private DatagramProcess(PeerProcess process, IntSupplier unusedPorts) {
        this.process = process;
        this.unusedPorts = unusedPorts;
    }

    /** The process calls itself {@code command} (comm), at most 15 bytes. */
    static DatagramProcess start(String namespace, String command, IntSupplier unusedPorts) {
        return new DatagramProcess(PeerProcess.start(namespace, NativeProgram.path("datagrams"), command), unusedPorts);
    }

    public long pid() {
        return process.pid();
    }

    public int socket(boolean ipv4) {
        return number("socket " + (ipv4 ? 4 : 6));
    }

    /** Binds to a port that nothing else in the network has, and returns it ({@link TestNetwork#unusedPort}): a server's. */
    public int bind(int socket, String address) {
        return bind(socket, address, unusedPorts.getAsInt());
    }

    /** Binds to a port that the kernel assigns, and returns it. Another socket may have had it before. */
    public int bindToAny(int socket, String address) {
        return bind(socket, address, 0);
    }

    /** Binds to an address and port, and returns the port. */
    public int bind(int socket, String address, int port) {
        return number("bind " + socket + " " + address + " " + port);
    }

    /** Connects, and returns its own port. */
    public int connect(int socket, String address, int port) {
        return number("connect " + socket + " " + address + " " + port);
    }

    /** Answers whatever comes, with twice the bytes, until the process ends. */
    public void serve(int socket) {
        number("serve " + socket);
    }

    /** Answers whatever comes with these bytes, at most 4000, until the process ends. */
    public void reply(int socket, byte[] answer) {
        number("reply " + socket + " " + HexFormat.of().formatHex(answer));
    }

    /**
     * Asks so many times and waits for each answer; the questions' sizes differ, from 0 to {@code largest} bytes.
     *
     * @param port 0 where the socket is connected
     */
    public void ask(int socket, String address, int port, int count, int largest) {
        number("ask " + socket + " " + address + " " + port + " " + count + " " + largest);
    }

    public void send(int socket, String address, int port, int bytes) {
        number("send " + socket + " " + address + " " + port + " " + bytes);
    }

    /** Expects send to fail, and returns the errno's name. */
    public String sendFailing(int socket, String address, int port, int bytes) {
        String question = "send " + socket + " " + address + " " + port + " " + bytes;
        process.write(question);
        String answer = process.answer();
        if (!answer.startsWith("failed ")) {
            throw new IllegalStateException(question + ": expected to fail: " + answer);
        }
        return answer.substring("failed ".length());
    }

    /** The beginning of a datagram that the next {@link #send} completes (MSG_MORE). */
    public void sendPart(int socket, String address, int port, int bytes) {
        number("part " + socket + " " + address + " " + port + " " + bytes);
    }

    /** Many datagrams of a size with one system call (UDP_SEGMENT). Not in the counters. */
    public void sendSegments(int socket, String address, int port, int bytes, int segment) {
        number("segments " + socket + " " + address + " " + port + " " + bytes + " " + segment);
    }

    /** Lets the kernel deliver several datagrams of a size as one (UDP_GRO). */
    public void receiveTogether(int socket) {
        number("gro " + socket);
    }

    /** Waits for a datagram and peeks at it; returns its size. */
    public int peek(int socket) {
        return number("peek " + socket);
    }

    /** Waits for a datagram and reads as much of it as the buffer holds; returns its size. */
    public int receive(int socket, int capacity) {
        return number("receive " + socket + " " + capacity);
    }

    /** Sets how many bytes may wait (SO_RCVBUF). */
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
