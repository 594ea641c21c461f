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

/**
 * Three network namespaces in a row, {@code client - router - server}, with IPv4 and IPv6 between them. Needs root. Names are
 * unique; everything is removed by {@link #close}.
 */
public final class TestNetwork implements AutoCloseable {
    /** Addresses of the two ends. */
    public static final String CLIENT_IPV4 = "10.77.1.2";

    public static final String SERVER_IPV4 = "10.77.2.2";
    public static final String CLIENT_IPV6 = "fd77:1::2";
    public static final String SERVER_IPV6 = "fd77:2::2";

    private final String prefix;
    private final List<String> namespaces = new ArrayList<>();
    private final List<TrafficPeer> peers = new ArrayList<>();

    private TestNetwork(String prefix) {
        this.prefix = prefix;
    }

    /** Makes the namespaces and what connects them. */
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

    /** The inode number by which the kernel names a namespace. */
    public static long inode(String namespace) {
        try {
            return ((Number) Files.getAttribute(Path.of("/run/netns", namespace), "unix:ino")).longValue();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Starts a process in a namespace; it ends with the network at the latest. */
    public TrafficPeer start(String namespace, String command) {
        TrafficPeer peer = TrafficPeer.start(namespace, command);
        peers.add(peer);
        return peer;
    }

    /**
     * Has the router send what is addressed to {@code service} on to the server, with the router's own address as the
     * source: DNAT and masquerade, as kube-proxy does.
     */
    public void translate(String service, int port) {
        iptables("-t nat -A PREROUTING -p tcp -d " + service + " --dport " + port + " -j DNAT --to-destination "
                + SERVER_IPV4 + ":" + port);
        iptables("-t nat -A POSTROUTING -p tcp -d " + SERVER_IPV4 + " -j MASQUERADE");
    }

    private void iptables(String rule) {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", router(), "iptables", "-w"));
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
        run(List.of("ip", "netns", "exec", router(), "sysctl", "-qw", "net.ipv4.ip_forward=1"));
        run(List.of("ip", "netns", "exec", router(), "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"));
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

    private static void ip(String arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(arguments.split(" ")));
        run(command);
    }

    private static void run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output.strip());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        peers.forEach(TrafficPeer::close);
        peers.clear();
        namespaces.forEach(namespace -> ip("netns delete " + namespace));
        namespaces.clear();
    }
}
