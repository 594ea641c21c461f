package io.natator.bpf.traffic;

/**
 * A process that proxies IPv4 TCP connections, as the sidecar or the node proxy of a service mesh does. Not thread-safe.
 */
public final class ProxyProcess implements AutoCloseable {
    private final PeerProcess process;

    private ProxyProcess(PeerProcess process) {
        this.process = process;
    }

    /**
     * Where a proxy accepts connections.
     *
     * @param namespace the network namespace of the listener, {@link Upstream#OWN} for that of the process
     * @param port the port of the listener, on all addresses
     */
    public record Listener(String namespace, int port) {
        public Listener(int port) {
            this(Upstream.OWN, port);
        }
    }

    /**
     * Where a proxy connects each connection that it accepts.
     *
     * @param namespace the network namespace of the socket, {@link #OWN} for that of the process
     * @param target an IPv4 address, {@link #REDIRECTED} or {@link #LOCAL}
     * @param port the port; 0 for the port of the original destination
     * @param source an IPv4 address, {@link #CLIENT} or {@link #ANY}
     * @param mark firewall mark of the socket; 0 for none
     * @param preamble number of bytes that are sent first. If negative, the number of bytes that the client sends first,
     *     and that are not forwarded
     */
    public record Upstream(String namespace, String target, int port, String source, int mark, int preamble) {
        public static final String OWN = "own";
        /** The destination of the client before the firewall redirected the connection (REDIRECT). */
        public static final String REDIRECTED = "redirected";
        /** The local address of the accepted socket, which is the destination of the client with TPROXY. */
        public static final String LOCAL = "own";
        /** The address of the client, which need not be an address of this namespace. */
        public static final String CLIENT = "client";
        /** An address that the kernel chooses. */
        public static final String ANY = "any";

        /** Connects in the namespace of the process, without a mark. */
        public Upstream(String target, int port, String source) {
            this(OWN, target, port, source, 0, 0);
        }

        public Upstream in(String other) {
            return new Upstream(other, target, port, source, mark, preamble);
        }

        public Upstream marked(int other) {
            return new Upstream(namespace, target, port, source, other, preamble);
        }

        public Upstream withPreamble(int bytes) {
            return new Upstream(namespace, target, port, source, mark, bytes);
        }
    }

    /** @param command name (comm) of the process, at most 15 bytes */
    static ProxyProcess start(String namespace, String command) {
        return new ProxyProcess(PeerProcess.start(namespace, NativeProgram.path("proxy"), command));
    }

    public long pid() {
        return process.pid();
    }

    /** Changes the user and group of the process. A process of user 0 keeps its capabilities. */
    public void become(int user, int group) {
        process.ask("become " + user + " " + group);
    }

    /** Serves connections until the process ends. */
    public void serve(Listener listener, Upstream upstream) {
        process.ask(String.join(
                " ",
                "serve",
                listener.namespace(),
                Integer.toString(listener.port()),
                upstream.namespace(),
                upstream.target(),
                Integer.toString(upstream.port()),
                upstream.source(),
                Integer.toString(upstream.mark()),
                Integer.toString(upstream.preamble())));
    }

    @Override
    public void close() {
        process.close();
    }
}
