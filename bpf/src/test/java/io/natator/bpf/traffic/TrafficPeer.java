package io.natator.bpf.traffic;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * A process in a network namespace that opens and serves connections at the command of a test, and counts their bytes.
 * Not thread-safe.
 */
public final class TrafficPeer implements AutoCloseable {
    private final PeerProcess process;
    private final IntSupplier unusedPorts;

    private TrafficPeer(PeerProcess process, IntSupplier unusedPorts) {
        this.process = process;
        this.unusedPorts = unusedPorts;
    }

    /**
     * Starts a process.
     *
     * @param namespace name of a network namespace
     * @param command name (comm) of the process, at most 15 bytes
     * @param unusedPorts returns the next port to listen on
     */
    static TrafficPeer start(String namespace, String command, IntSupplier unusedPorts) {
        PeerProcess process = PeerProcess.start(
                namespace,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                TrafficProcess.class.getName(),
                command);
        return new TrafficPeer(process, unusedPorts);
    }

    /**
     * Returns the class path of the process. The process needs only the classes of this package, from the directory or
     * jar that they were loaded from.
     */
    private static String classPath() {
        return TrafficProcess.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
    }

    public long pid() {
        return process.pid();
    }

    /**
     * Serves connections on an address, on a port that no other socket uses, and returns the port.
     *
     * @param ipv4 whether to use an IPv4 socket; otherwise uses an IPv6 socket, even if the address is IPv4
     */
    public int listen(String address, boolean ipv4) {
        return listen("listen", address, ipv4);
    }

    /** Like {@link #listen}, but the process never accepts a connection. */
    public int listenWithoutAccepting(String address, boolean ipv4) {
        return listen("backlog", address, ipv4);
    }

    private int listen(String how, String address, boolean ipv4) {
        int port = unusedPorts.getAsInt();
        ask(how + " " + family(ipv4) + " " + address + " " + port);
        return port;
    }

    /**
     * Opens {@code count} connections, and waits until they are closed. The connections are divided among
     * {@code parallel} threads; each thread opens its connections one after the other. The seed determines sizes and
     * closing modes, which are random.
     */
    public void connect(
            String address, int port, boolean ipv4, long firstId, int count, int parallel, long seed, int maxBytes) {
        ask("connect " + family(ipv4) + " " + address + " " + port + " " + firstId + " " + count + " " + parallel + " "
                + seed + " " + maxBytes);
    }

    /** Like {@link #connect}, but does not use the closing modes that reset the connection. */
    public void connectOrderly(
            String address, int port, boolean ipv4, long firstId, int count, int parallel, long seed, int maxBytes) {
        ask("orderly " + family(ipv4) + " " + address + " " + port + " " + firstId + " " + count + " " + parallel + " "
                + seed + " " + maxBytes);
    }

    /** Tries to connect to a port without a listener. */
    public void connectRefused(String address, int port, boolean ipv4, int count) {
        ask("refused " + family(ipv4) + " " + address + " " + port + " " + count);
    }

    /** Opens a connection that stays open, and exchanges these numbers of bytes over it. */
    public void hold(String address, int port, boolean ipv4, long id, int clientBytes, int serverBytes) {
        ask("hold " + family(ipv4) + " " + address + " " + port + " " + id + " " + clientBytes + " " + serverBytes);
    }

    /** Opens a connection that stays open, and sends this number of bytes to a server that does not read. */
    public void holdUnread(String address, int port, boolean ipv4, long id, int clientBytes) {
        ask("hold " + family(ipv4) + " " + address + " " + port + " " + id + " " + clientBytes + " 0");
    }

    /** Sends further bytes over a connection that {@link #hold} has opened. */
    public void sendMore(long id, int bytes) {
        ask("more " + id + " " + bytes);
    }

    /** Closes a connection that {@link #hold} has opened. */
    public void drop(long id) {
        ask("drop " + id);
    }

    /** Returns what this process has counted so far for each of its connections, open or closed. */
    public List<TrafficResult> results() {
        List<TrafficResult> results = new ArrayList<>();
        process.write("results");
        for (String line = process.answer(); !line.equals("end"); line = process.answer()) {
            results.add(TrafficResult.parse(line));
        }
        return results;
    }

    private static String family(boolean ipv4) {
        return ipv4 ? "4" : "6";
    }

    private String ask(String question) {
        return process.ask(question);
    }

    /** Ends the process. The kernel closes its connections. */
    @Override
    public void close() {
        process.close();
    }
}
