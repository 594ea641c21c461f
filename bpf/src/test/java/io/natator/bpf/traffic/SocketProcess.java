package io.natator.bpf.traffic;

import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * A process in a network namespace that makes system calls on TCP sockets at the command of a test. Java does not offer
 * these calls. A socket is identified by its file descriptor in this process. Not thread-safe.
 */
public final class SocketProcess implements AutoCloseable {
    private static final int STREAM = 1;
    private static final int TCP = 6;
    private static final int MPTCP = 262;

    private final PeerProcess process;
    private final IntSupplier unusedPorts;

    private SocketProcess(PeerProcess process, IntSupplier unusedPorts) {
        this.process = process;
        this.unusedPorts = unusedPorts;
    }

    /** @param command name (comm) of the process, at most 15 bytes */
    static SocketProcess start(String namespace, String command, IntSupplier unusedPorts) {
        return new SocketProcess(PeerProcess.start(namespace, NativeProgram.path("sockets"), command), unusedPorts);
    }

    public long pid() {
        return process.pid();
    }

    /** Creates a TCP socket. */
    public int socket(boolean ipv4) {
        return number("socket " + (ipv4 ? 4 : 6) + " " + STREAM + " " + TCP);
    }

    /** Creates an IPv4 MPTCP socket. */
    public int mptcpSocket() {
        return number("socket 4 " + STREAM + " " + MPTCP);
    }

    /** Lets several sockets listen on the same address and port (SO_REUSEPORT). */
    public void sharePort(int socket) {
        number("share-port " + socket);
    }

    /** Lets an IPv4 socket use addresses that are not those of its host (IP_TRANSPARENT). */
    public void useAnyAddress(int socket) {
        number("transparent " + socket);
    }

    /** Creates listeners on ports that the kernel chooses, and closes each before it creates the next. */
    public void listenAndClose(int listeners) {
        number("listeners " + listeners + " 0");
    }

    /** Creates listeners on ports that the kernel chooses. They stay open until the process ends. */
    public void keepListeners(int listeners) {
        number("listeners " + listeners + " 1");
    }

    /** Whether there is something to read or to accept now. */
    public boolean isReadable(int socket) {
        return number("is-readable " + socket) > 0;
    }

    /** Binds to a port that no other socket uses, and returns the port ({@link TestNetwork#unusedPort}). */
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

    /** Lets a listening socket accept data in the SYN (TCP_FASTOPEN). */
    public void takeFastOpen(int socket) {
        number("fastopen-queue " + socket + " 64");
    }

    public int accept(int listener) {
        return number("accept " + listener);
    }

    public void connect(int socket, String address, int port) {
        number("connect " + socket + " " + address + " " + port);
    }

    /** Connects, expects that connecting fails, and returns the name of the error number. */
    public String connectFailing(int socket, String address, int port) {
        return failing("connect " + socket + " " + address + " " + port);
    }

    /** Connects and sends data in the SYN (MSG_FASTOPEN). */
    public void connectWithData(int socket, String address, int port, int bytes) {
        number("fastopen " + socket + " " + address + " " + port + " " + bytes);
    }

    /** Disconnects the socket (connect(2) to AF_UNSPEC). After that, it can connect again. */
    public void disconnect(int socket) {
        number("disconnect " + socket);
    }

    /** Waits until a non-blocking connect has succeeded. */
    public void awaitConnection(int socket) {
        number("await " + socket);
    }

    /** Waits until a connect or an established connection has failed, and returns the name of the error number. */
    public String awaitFailure(int socket) {
        return failing("fail " + socket);
    }

    public int localPort(int socket) {
        return number("port " + socket);
    }

    public void send(int socket, int bytes) {
        number("send " + socket + " " + bytes);
    }

    /**
     * Receives this number of bytes, or fewer if the peer has sent all of its bytes. Returns the number of received
     * bytes.
     */
    public int receive(int socket, int atMost) {
        return number("receive " + socket + " " + atMost);
    }

    /** Waits until there are bytes to read; does not read them. */
    public void awaitReadable(int socket) {
        number("readable " + socket);
    }

    /** Sends FIN (shutdown(2)). The other direction stays open. */
    public void finish(int socket) {
        number("finish " + socket);
    }

    public void doNotBlock(int socket) {
        number("nonblocking " + socket);
    }

    /** Sets how long transmitted data can stay unacknowledged before the connection fails (TCP_USER_TIMEOUT). */
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

    /**
     * Listens on a Unix socket with this path for sockets that other processes pass; {@link #take} receives a socket.
     */
    public int expect(Path path) {
        return number("expect " + path);
    }

    /** Passes a socket to the process that listens on the Unix socket with this path (SCM_RIGHTS). */
    public void pass(int socket, Path path) {
        number("pass " + socket + " " + path);
    }

    public int take(int expected) {
        return number("take " + expected);
    }

    /**
     * Forks, and returns the child's pid. The child runs all following commands; the parent keeps its sockets open
     * until the child ends.
     */
    public int fork() {
        return number("fork");
    }

    /** Moves the process into another network namespace. Its existing sockets stay in the old namespace. */
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
