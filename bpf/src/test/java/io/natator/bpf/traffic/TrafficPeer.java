package io.natator.bpf.traffic;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/** A process that serves and opens connections in a network namespace, controlled over its standard input. Not thread-safe. */
public final class TrafficPeer implements AutoCloseable {
    private final PeerProcess process;
    private final IntSupplier unusedPorts;

    private TrafficPeer(PeerProcess process, IntSupplier unusedPorts) {
        this.process = process;
        this.unusedPorts = unusedPorts;
    }

    /**
     * Starts one.
     *
     * @param namespace name of a network namespace
     * @param command what the process calls itself (comm), at most 15 bytes
     * @param unusedPorts what to listen on
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

    /** The peer's own classes are enough, wherever they were loaded from. */
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
     * Serves on an address and a port that nothing else in the network has, and returns it; the sockets are IPv6 ones unless
     * the address is an IPv4 one and {@code ipv4} is said.
     */
    public int listen(String address, boolean ipv4) {
        return listen("listen", address, ipv4);
    }

    /** Listens like {@link #listen}, and never accepts. */
    public int listenWithoutAccepting(String address, boolean ipv4) {
        return listen("backlog", address, ipv4);
    }

    private int listen(String how, String address, boolean ipv4) {
        int port = unusedPorts.getAsInt();
        ask(how + " " + family(ipv4) + " " + address + " " + port);
        return port;
    }

    /**
     * Makes connections, one after the other in each of {@code parallel} threads, with sizes and closing modes drawn from
     * the seed, and waits for their ends.
     */
    public void connect(
            String address, int port, boolean ipv4, long firstId, int count, int parallel, long seed, int maxBytes) {
        ask("connect " + family(ipv4) + " " + address + " " + port + " " + firstId + " " + count + " " + parallel + " "
                + seed + " " + maxBytes);
    }

    /** Like {@link #connect}, without the closing modes that reset. */
    public void connectOrderly(
            String address, int port, boolean ipv4, long firstId, int count, int parallel, long seed, int maxBytes) {
        ask("orderly " + family(ipv4) + " " + address + " " + port + " " + firstId + " " + count + " " + parallel + " "
                + seed + " " + maxBytes);
    }

    /** Tries to connect to a port without a listener. */
    public void connectRefused(String address, int port, boolean ipv4, int count) {
        ask("refused " + family(ipv4) + " " + address + " " + port + " " + count);
    }

    /** Opens a connection that stays, and exchanges so many bytes over it. */
    public void hold(String address, int port, boolean ipv4, long id, int clientBytes, int serverBytes) {
        ask("hold " + family(ipv4) + " " + address + " " + port + " " + id + " " + clientBytes + " " + serverBytes);
    }

    /** Opens a connection that stays open to a server that does not read, and sends so many bytes. */
    public void holdUnread(String address, int port, boolean ipv4, long id, int clientBytes) {
        ask("hold " + family(ipv4) + " " + address + " " + port + " " + id + " " + clientBytes + " 0");
    }

    /** Sends more over a connection that was held. */
    public void sendMore(long id, int bytes) {
        ask("more " + id + " " + bytes);
    }

    /** Closes a connection that was held. */
    public void drop(long id) {
        ask("drop " + id);
    }

    /** What this process's ends have counted so far, open ones included. */
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

    /** Ends the process; connections that it holds are closed by the kernel. */
    @Override
    public void close() {
        process.close();
    }
}
