package io.natator.bpf;

import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.bpf.traffic.DatagramProcess;
import io.natator.bpf.traffic.TestNetwork;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * Base class of UDP tests: provides a client and a server that exchange datagrams in two network namespaces, and
 * options for trackers.
 */
abstract class UdpFixture {
    static TestNetwork network;
    static long clientNamespace;
    static long serverNamespace;
    /** The network namespaces (inode numbers) of the client and the server. */
    static Set<Long> namespaces;

    final UdpHooks hooks;
    DatagramProcess client;
    DatagramProcess server;
    /** A socket of the server, which is bound to any IPv4 address. */
    int listening;

    int port;

    UdpFixture(UdpHooks hooks) {
        this.hooks = hooks;
    }

    @BeforeAll
    static void startNetwork() {
        network = TestNetwork.create();
        clientNamespace = TestNetwork.inode(network.client());
        serverNamespace = TestNetwork.inode(network.server());
        namespaces = Set.of(clientNamespace, serverNamespace);
    }

    @AfterAll
    static void stopNetwork() {
        network.close();
    }

    @BeforeEach
    void startProcesses() {
        client = network.startDatagrams(network.client(), "udp-client");
        server = network.startDatagrams(network.server(), "udp-server");
        listening = server.socket(true);
        port = server.bind(listening, "0.0.0.0");
    }

    @AfterEach
    void stopProcesses() {
        client.close();
        server.close();
    }

    /** Returns options that exclude other flows of the machine, because these would use the capacity. */
    UdpTrackerOptions options() {
        long router = TestNetwork.inode(network.router());
        return UdpTrackers.options(hooks)
                .withFilter(ConnectionFilter.everything()
                        .withNetworkNamespaces(Selection.only(Set.of(clientNamespace, serverNamespace, router))));
    }

    UdpTracker open() {
        return UdpTrackers.open(options());
    }
}
