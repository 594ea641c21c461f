package io.natator.local;

import io.natator.bpf.traffic.TestNetwork;
import java.util.List;

/**
 * The firewall and routing rules by which service meshes redirect connections, for the namespaces of a network. They are
 * those that the meshes set, without the exceptions for ports and addresses of the meshes' own services.
 */
record MeshRules(TestNetwork network) {
    /** The user, and the mark of sockets, of Istio's sidecar (istio-iptables). */
    static final int SIDECAR = 1337;

    static final int OUTBOUND_PORT = 15_001;
    static final int INBOUND_PORT = 15_006;
    /** The port at which a ztunnel accepts connections of other ztunnels. */
    static final int TUNNEL_PORT = 15_008;

    /** The source address of a sidecar's connections to the application of its pod. */
    static final String SIDECAR_SOURCE = "127.0.0.6";

    /** The mark of a ztunnel's sockets (istio-cni). */
    static final int ZTUNNEL_MARK = 0x539;

    /** The port of the node's proxy, and the mark of packets for it (Cilium's MARK_MAGIC_TO_PROXY). */
    static final int NODE_PROXY_PORT = 10_001;

    private static final int TO_NODE_PROXY = 0x200;
    private static final int TO_ZTUNNEL = 0x111;

    /** Redirects what the processes of a pod send, except for its sidecar, to the sidecar (REDIRECT). */
    void redirectOutbound(String namespace) {
        add(
                namespace,
                "-t nat -A OUTPUT -p tcp -o lo -s " + SIDECAR_SOURCE + " -j RETURN",
                "-t nat -A OUTPUT -p tcp -m owner --gid-owner " + SIDECAR + " -j RETURN",
                "-t nat -A OUTPUT -p tcp -d 127.0.0.1/32 -j RETURN",
                "-t nat -A OUTPUT -p tcp -j REDIRECT --to-ports " + OUTBOUND_PORT);
    }

    /** Redirects what a pod receives to its sidecar (REDIRECT). */
    void redirectInbound(String namespace) {
        add(namespace, "-t nat -A PREROUTING -p tcp -j REDIRECT --to-ports " + INBOUND_PORT);
    }

    /** Passes what a pod receives to its sidecar without changing the addresses (TPROXY). */
    void passInbound(String namespace) {
        add(
                namespace,
                "-t mangle -A PREROUTING -p tcp -m mark --mark " + SIDECAR + " -j CONNMARK --save-mark",
                "-t mangle -A PREROUTING -p tcp -i lo -j RETURN",
                "-t mangle -A PREROUTING -p tcp -m conntrack --ctstate RELATED,ESTABLISHED -j MARK --set-mark "
                        + SIDECAR,
                "-t mangle -A PREROUTING -p tcp -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-t mangle -A PREROUTING -p tcp -j TPROXY --tproxy-mark " + SIDECAR + " --on-port " + INBOUND_PORT,
                "-t mangle -A OUTPUT -p tcp -m connmark --mark " + SIDECAR + " -j CONNMARK --restore-mark");
        deliverLocally(namespace, SIDECAR);
    }

    /** Redirects what a pod sends and receives to the listeners of a ztunnel in the pod's namespace. */
    void redirectToZtunnel(String namespace) {
        String other = " -m mark ! --mark " + ZTUNNEL_MARK;
        add(
                namespace,
                "-t mangle -A PREROUTING -m mark --mark " + ZTUNNEL_MARK + " -j CONNMARK --set-mark " + TO_ZTUNNEL,
                "-t mangle -A OUTPUT -m connmark --mark " + TO_ZTUNNEL + " -j CONNMARK --restore-mark",
                "-t nat -A PREROUTING -p tcp ! --dport " + TUNNEL_PORT + other + " -j REDIRECT --to-ports "
                        + INBOUND_PORT,
                "-t nat -A OUTPUT -m connmark --mark " + TO_ZTUNNEL + " -j ACCEPT",
                "-t nat -A OUTPUT -p tcp ! -d 127.0.0.1/32" + other + " -j REDIRECT --to-ports " + OUTBOUND_PORT);
        deliverLocally(namespace, TO_ZTUNNEL);
    }

    /** Passes connections from the client's pod to an address and port to a proxy on the node (TPROXY). */
    void passToNodeProxy(String address, int port) {
        add(
                network.router(),
                "-t mangle -A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark " + TO_NODE_PROXY,
                "-t mangle -A PREROUTING -p tcp -m mark --mark " + TO_NODE_PROXY + " -j ACCEPT",
                "-t mangle -A PREROUTING -i eth1 -p tcp -d " + address + " --dport " + port
                        + " -j TPROXY --tproxy-mark " + TO_NODE_PROXY + " --on-port " + NODE_PROXY_PORT);
        deliverLocally(network.router(), TO_NODE_PROXY);
    }

    private void deliverLocally(String namespace, int mark) {
        network.rule(namespace, "fwmark " + mark + " lookup " + mark);
        network.route(namespace, "local 0.0.0.0/0 dev lo table " + mark);
    }

    private void add(String namespace, String... rules) {
        List.of(rules).forEach(rule -> network.firewall(namespace, rule));
    }
}
