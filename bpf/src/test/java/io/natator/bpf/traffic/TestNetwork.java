package io.natator.bpf.traffic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Three network namespaces, {@code client - router - server}, that are connected over IPv4 and IPv6. Needs root. Each
 * network has namespaces with unique names. {@link #close} removes everything.
 */
public final class TestNetwork implements AutoCloseable {
    /** IP addresses of the client and the server. */
    public static final String CLIENT_IPV4 = "10.77.1.2";

    public static final String SERVER_IPV4 = "10.77.2.2";
    public static final String CLIENT_IPV6 = "fd77:1::2";
    public static final String SERVER_IPV6 = "fd77:2::2";

    /**
     * First port that {@link #unusedPort} returns. The ports are below the ephemeral ports
     * (net.ipv4.ip_local_port_range, from 32768) and above the ports of {@link TrafficProcess}'s clients, so nothing
     * else in these namespaces uses them.
     */
    private static final int FIRST_PORT = 28_000;

    private static final int PORTS = 32_768 - FIRST_PORT;

    /**
     * The next port. All networks share it, so that a tracker that sees several networks with the same addresses can
     * distinguish them by port.
     */
    private static final AtomicInteger NEXT_PORT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

    private final String prefix;
    private final AtomicInteger portsGiven = new AtomicInteger();
    private final List<String> namespaces = new ArrayList<>();
    private final List<AutoCloseable> peers = new ArrayList<>();

    private TestNetwork(String prefix) {
        this.prefix = prefix;
    }

    /** Creates the namespaces and connects them. */
    public static TestNetwork create() {
        TestNetwork network = new TestNetwork(
                "nt" + Integer.toHexString(ThreadLocalRandom.current().nextInt()));
        try {
            network.build();
            return network;
        } catch (RuntimeException failure) {
            network.close();
            throw failure;
        }
    }

    public String client() {
        return prefix + "c";
    }

    public String router() {
        return prefix + "r";
    }

    public String server() {
        return prefix + "s";
    }

    /** Returns the inode number of a network namespace, which identifies it. */
    public static long inode(String namespace) {
        try {
            return ((Number) Files.getAttribute(Path.of("/run/netns", namespace), "unix:ino")).longValue();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Returns a port that no other socket uses in this network or in networks that exist shortly before or after it. So
     * the port identifies a connection. A port that the kernel assigns would not, because the kernel reuses ports.
     */
    public int unusedPort() {
        if (portsGiven.getAndIncrement() >= PORTS) {
            throw new IllegalStateException("no port left: use a network for less");
        }
        return FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
    }

    /**
     * Starts a process in a network namespace that opens and serves connections. Closing the network ends the process.
     */
    public TrafficPeer start(String namespace, String command) {
        TrafficPeer peer = TrafficPeer.start(namespace, command, this::unusedPort);
        peers.add(peer);
        return peer;
    }

    /**
     * Starts, in a network namespace, a process that makes system calls on sockets. Closing the network ends the process.
     */
    public SocketProcess startSockets(String namespace, String command) {
        SocketProcess process = SocketProcess.start(namespace, command, this::unusedPort);
        peers.add(process);
        return process;
    }

    /** Starts a process in a network namespace that exchanges datagrams. Closing the network ends the process. */
    public DatagramProcess startDatagrams(String namespace, String command) {
        DatagramProcess process = DatagramProcess.start(namespace, command, this::unusedPort);
        peers.add(process);
        return process;
    }

    /** Starts, in a network namespace, a process that proxies connections. Closing the network ends the process. */
    public ProxyProcess startProxy(String namespace, String command) {
        ProxyProcess process = ProxyProcess.start(namespace, command);
        peers.add(process);
        return process;
    }

    /** Like {@link #translate}, for UDP, but the server has another port than the service. */
    public void translateDatagrams(String service, int port, int serverPort) {
        datagramTranslations(service, port, serverPort, "-A").forEach(this::iptables);
    }

    /** Ends the effect of {@link #translateDatagrams} for new flows. */
    public void translateDatagramsNoMore(String service, int port, int serverPort) {
        datagramTranslations(service, port, serverPort, "-D").forEach(this::iptables);
    }

    private static List<String> datagramTranslations(String service, int port, int serverPort, String change) {
        return List.of(
                "-t nat " + change + " PREROUTING -p udp -d " + service + " --dport " + port
                        + " -j DNAT --to-destination " + SERVER_IPV4 + ":" + serverPort,
                "-t nat " + change + " POSTROUTING -p udp -d " + SERVER_IPV4 + " -j MASQUERADE");
    }

    /**
     * Makes the firewall of a namespace refuse datagrams that its processes send to a port: send(2) fails with an
     * error.
     */
    public void refuseDatagrams(String namespace, int port) {
        iptables(namespace, "-A OUTPUT -p udp --dport " + port + " -j DROP");
    }

    /**
     * Makes the router forward packets for the address {@code service} to the server, with the router's address as the
     * source address. It uses DNAT and masquerade, as kube-proxy does.
     */
    public void translate(String service, int port) {
        translations(service, port, "-A").forEach(this::iptables);
    }

    /** Ends the effect of {@link #translate} for new connections. */
    public void translateNoMore(String service, int port) {
        translations(service, port, "-D").forEach(this::iptables);
    }

    /**
     * Like {@link #translate}, but forwards to any given address (IPv4 or IPv6) and port. Represents a pod behind a
     * Service or a NodePort.
     */
    public void translate(String service, int port, String target, int targetPort) {
        translations(service, port, target, targetPort, "-A").forEach(this::iptables);
    }

    private static List<String> translations(String service, int port, String change) {
        return translations(service, port, SERVER_IPV4, port, change);
    }

    private static List<String> translations(String service, int port, String target, int targetPort, String change) {
        String destination = isIpv6(target) ? "[" + target + "]:" + targetPort : target + ":" + targetPort;
        return List.of(
                "-t nat " + change + " PREROUTING -p tcp -d " + service + " --dport " + port
                        + " -j DNAT --to-destination " + destination,
                "-t nat " + change + " POSTROUTING -p tcp -d " + target + " -j MASQUERADE");
    }

    /**
     * Makes the router apply an iptables target, such as {@code DROP}, to TCP segments from and to a port, until
     * {@link #letThrough}.
     */
    public void intercept(int port, String target) {
        iptables("-A FORWARD -p tcp -m multiport --ports " + port + " -j " + target);
    }

    /** Ends the effect of {@link #intercept} with the same arguments. */
    public void letThrough(int port, String target) {
        iptables("-D FORWARD -p tcp -m multiport --ports " + port + " -j " + target);
    }

    /** Adds a route in a namespace, such as {@code unreachable 10.0.0.1}. */
    public void route(String namespace, String route) {
        ip("-n " + namespace + " route add " + route);
    }

    /** Adds a rule that selects the routing table in a namespace, such as {@code fwmark 1 lookup 100}. */
    public void rule(String namespace, String rule) {
        ip("-n " + namespace + " rule add " + rule);
    }

    /** Adds a rule to the firewall of a namespace, such as {@code -t nat -A OUTPUT -p tcp -j ACCEPT}. */
    public void firewall(String namespace, String rule) {
        iptables(namespace, rule);
    }

    /** Sets a kernel parameter of a namespace. */
    public void parameter(String namespace, String name, String value) {
        run(List.of("ip", "netns", "exec", namespace, "sysctl", "-qw", name + "=" + value));
    }

    /**
     * Returns a counter of a namespace from {@code /proc/net/netstat}, such as {@code TCPFastOpenPassive} of the group
     * {@code TcpExt}.
     */
    public long counter(String namespace, String group, String name) {
        List<String[]> lines = run(List.of("ip", "netns", "exec", namespace, "cat", "/proc/net/netstat"))
                .lines()
                .filter(line -> line.startsWith(group + ":"))
                .map(line -> line.split(" "))
                .toList();
        return Long.parseLong(lines.get(1)[Arrays.asList(lines.get(0)).indexOf(name)]);
    }

    /**
     * Adds an IPv4 address to the client. Each MPTCP connection that the client opens gets a second subflow from this
     * address.
     */
    public void addSubflows(String address) {
        addSubflowAddress(client(), address, "subflow");
    }

    /**
     * Adds an IPv4 address to the server. Each MPTCP connection that the server accepts gets a second subflow to this
     * address and port. The kernel listens on the port.
     */
    public void acceptSubflows(String address, int port) {
        addSubflowAddress(server(), address, "port " + port + " signal");
    }

    private void addSubflowAddress(String end, String address, String use) {
        for (String one : List.of(client(), server())) {
            ip("-n " + one + " mptcp limits set subflow 2 add_addr_accepted 2");
        }
        ip("-n " + end + " addr add " + address + "/24 dev eth0");
        ip("-n " + end + " mptcp endpoint add " + address + " dev eth0 " + use);
    }

    /**
     * Makes the path between client and server lose and duplicate packets in both directions, until {@link #calm}. If
     * the kernel has netem, packets are also reordered.
     */
    public void disturb() {
        for (String link : List.of("eth1", "eth2")) {
            try {
                tc("add dev " + link + " root netem limit 10000 loss 2% duplicate 2% delay 2ms 1ms reorder 90% 50%");
            } catch (IllegalStateException withoutNetem) {
                disturbances(link, "-A").forEach(this::iptables);
            }
        }
    }

    /** Ends the effect of {@link #disturb}. */
    public void calm() {
        for (String link : List.of("eth1", "eth2")) {
            try {
                tc("del dev " + link + " root netem");
            } catch (IllegalStateException withoutNetem) {
                disturbances(link, "-D").forEach(this::iptables);
            }
        }
    }

    private static List<String> disturbances(String link, String change) {
        String to = link.equals("eth1") ? CLIENT_IPV4 : SERVER_IPV4;
        String some = " FORWARD -p tcp -d " + to + " -m statistic --mode random --probability 0.02 -j ";
        return List.of(change + some + "DROP", "-t mangle " + change + some + "TEE --gateway " + to);
    }

    private void tc(String change) {
        List<String> command = new ArrayList<>(List.of("tc", "-n", router(), "qdisc"));
        command.addAll(Arrays.asList(change.split(" ")));
        run(command);
    }

    private void iptables(String rule) {
        iptables(router(), rule);
    }

    private static void iptables(String namespace, String rule) {
        String tool = isIpv6(rule) ? "ip6tables" : "iptables";
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace, tool, "-w"));
        command.addAll(Arrays.asList(rule.split(" ")));
        run(command);
    }

    private void build() {
        for (String namespace : List.of(client(), router(), server())) {
            ip("netns add " + namespace);
            namespaces.add(namespace);
            ip("-n " + namespace + " link set lo up");
        }
        connect(client(), "1");
        connect(server(), "2");
        parameter(router(), "net.ipv4.ip_forward", "1");
        parameter(router(), "net.ipv6.conf.all.forwarding", "1");
    }

    private void connect(String end, String net) {
        String inner = "eth0";
        String outer = "eth" + net;
        ip("-n " + end + " link add " + inner + " type veth peer name " + outer + " netns " + router());
        ip("-n " + end + " addr add 10.77." + net + ".2/24 dev " + inner);
        ip("-n " + end + " addr add fd77:" + net + "::2/64 dev " + inner + " nodad");
        ip("-n " + router() + " addr add 10.77." + net + ".1/24 dev " + outer);
        ip("-n " + router() + " addr add fd77:" + net + "::1/64 dev " + outer + " nodad");
        ip("-n " + end + " link set " + inner + " up");
        ip("-n " + router() + " link set " + outer + " up");
        ip("-n " + end + " route add default via 10.77." + net + ".1");
        ip("-n " + end + " -6 route add default via fd77:" + net + "::1");
    }

    /**
     * Adds an IPv4 and an IPv6 address to {@link #client} or {@link #server}, like the addresses of a pod. New
     * connections use these addresses, except if their sockets are bound to others.
     */
    public void assign(String end, String ipv4, String ipv6) {
        String net = end.equals(client()) ? "1" : "2";
        ip("-n " + end + " addr replace " + ipv4 + "/32 dev eth0");
        ip("-n " + end + " addr replace " + ipv6 + "/128 dev eth0 nodad");
        ip("-n " + router() + " route replace " + ipv4 + " dev eth" + net);
        ip("-n " + router() + " -6 route replace " + ipv6 + " dev eth" + net);
        ip("-n " + end + " route replace default via 10.77." + net + ".1 src " + ipv4);
        ip("-n " + end + " -6 route replace default via fd77:" + net + "::1 src " + ipv6);
    }

    /** Whether an address, or the address in an iptables rule, is IPv6. It is if it has more than one colon. */
    private static boolean isIpv6(String text) {
        return text.indexOf(':') != text.lastIndexOf(':');
    }

    private static void ip(String arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(arguments.split(" ")));
        run(command);
    }

    private static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output.strip());
            }
            return output;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        peers.forEach(TestNetwork::end);
        peers.clear();
        namespaces.forEach(namespace -> ip("netns delete " + namespace));
        namespaces.clear();
    }

    private static void end(AutoCloseable peer) {
        try {
            peer.close();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
