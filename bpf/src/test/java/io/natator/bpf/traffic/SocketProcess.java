package io.natator.bpf.traffic;

import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * A process in a network namespace that makes the system calls on sockets that a test commands, for calls that Java does not offer. A
 * socket is identified by its file descriptor in that process. Not thread-safe.
 */
public final class SocketProcess implements AutoCloseable {
    private static final int STREAM = 1;

    private final PeerProcess process;
    private final IntSupplier unusedPorts;

    private SocketProcess(PeerProcess process, IntSupplier unusedPorts) {
        this.process = process;
        this.unusedPorts = unusedPorts;
    }

    /** Sets the name (comm) of the process to {@code command}, at most 15 bytes. */
    static SocketProcess start(String namespace, String command, IntSupplier unusedPorts) {
        return new SocketProcess(PeerProcess.start(namespace, NativeProgram.path("sockets"), command), unusedPorts);
    }

    public long pid() {
        return process.pid();
    }

    /** A TCP socket. */
    public int socket(boolean ipv4) {
        return number("socket " + (ipv4 ? 4 : 6) + " " + STREAM);
    }

    /** Binds to a port that nothing else in the network has, and returns it ({@link TestNetwork#unusedPort}). */
    public int bind(int socket, String address) {
        return bind(socket, address, unusedPorts.getAsInt());
    }

    /** Binds to an address and port, and returns the port. */
    public int bind(int socket, String address, int port) {
        return number("bind " + socket + " " + address + " " + port);
    }

    public void listen(int socket) {
        number("listen " + socket + " 64");
    }

    /** Lets a listening socket accept data with the SYN (TCP_FASTOPEN). */
    public void takeFastOpen(int socket) {
        number("fastopen-queue " + socket + " 64");
    }

    public int accept(int listener) {
        return number("accept " + listener);
    }

    public void connect(int socket, String address, int port) {
        number("connect " + socket + " " + address + " " + port);
    }

    /** Expects connect to fail, and returns the errno's name. */
    public String connectFailing(int socket, String address, int port) {
        return failing("connect " + socket + " " + address + " " + port);
    }

    /** Connects with data in the SYN (MSG_FASTOPEN). */
    public void connectWithData(int socket, String address, int port, int bytes) {
        number("fastopen " + socket + " " + address + " " + port + " " + bytes);
    }

    /** Disconnects; the socket can connect again (connect(2) to AF_UNSPEC). */
    public void disconnect(int socket) {
        number("disconnect " + socket);
    }

    /** Waits until a non-blocking connect has succeeded. */
    public void awaitConnection(int socket) {
        number("await " + socket);
    }

    /** Waits until a connect or a connection has failed, and returns the errno's name. */
    public String awaitFailure(int socket) {
        return failing("fail " + socket);
    }

    public int localPort(int socket) {
        return number("port " + socket);
    }

    public void send(int socket, int bytes) {
        number("send " + socket + " " + bytes);
    }

    /** Receives so many bytes, or fewer up to the end, and returns how many. */
    public int receive(int socket, int atMost) {
        return number("receive " + socket + " " + atMost);
    }

    /** Waits until there is something to read, without reading it. */
    public void awaitReadable(int socket) {
        number("readable " + socket);
    }

    /** Sends FIN; the other direction stays open (shutdown(2)). */
    public void finish(int socket) {
        number("finish " + socket);
    }

    public void doNotBlock(int socket) {
        number("nonblocking " + socket);
    }

    /** How long transmitted data may stay unacknowledged (TCP_USER_TIMEOUT). */
    public void userTimeout(int socket, int milliseconds) {
        number("user-timeout " + socket + " " + milliseconds);
    }

    public void close(int socket) {
        number("close " + socket);
    }

    /** Closes with a reset (SO_LINGER of 0). */
    public void reset(int socket) {
        number("reset " + socket);
    }

    /** Listens on a path for sockets that other processes pass; {@link #take} receives one. */
    public int expect(Path path) {
        return number("expect " + path);
    }

    /** Passes a socket to the process that listens on the path (SCM_RIGHTS). */
    public void pass(int socket, Path path) {
        number("pass " + socket + " " + path);
    }

    public int take(int expected) {
        return number("take " + expected);
    }

    /** Forks: the child runs all following commands, and the parent holds its sockets open until the child ends. Returns the child's pid. */
    public int fork() {
        return number("fork");
    }

    /** Moves into another network namespace; its sockets stay in theirs. */
    public void enter(String namespace) {
        number("namespace /run/netns/" + namespace);
    }

    private int number(String command) {
        return Integer.parseInt(process.ask(command));
    }

    private String failing(String command) {
        process.write(command);
        String answer = process.answer();
        if (!answer.startsWith("failed ")) {
            throw new IllegalStateException(command + ": expected to fail: " + answer);
        }
        return answer.substring("failed ".length());
    }

    @Override
    public void close() {
        process.close();
    }
}
