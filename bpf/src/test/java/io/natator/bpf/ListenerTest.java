package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.SocketProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests that the server's end of a connection has the process whose listener accepted it, and never another one. */
class ListenerTest extends Situations {
    private static final String ANY_IPV4 = "0.0.0.0";

    @Test
    void closedListenerOnAMoreSpecificAddressNamesNobody() {
        assertThat(successors(SERVER_IPV4, ANY_IPV4)).isEmpty();
        assertThat(successors(ANY_IPV4, "::")).isEmpty();
        assertThat(successors(SERVER_IPV4, "::")).isEmpty();
    }

    /**
     * Lets a process listen on an address and end, and another one listen on the same port. Returns the connections
     * that are reported with another process than the second one.
     */
    private static List<SocketRecord> successors(String before, String after) {
        List<Accepted> accepted = new ArrayList<>();
        for (int time = 0; time < TIMES; time++) {
            int port;
            try (SocketProcess old = network.startSockets(network.server(), "old-owner")) {
                int listener = old.socket(!before.contains(":"));
                port = old.bind(listener, before);
                old.listen(listener);
            }
            try (SocketProcess successor = network.startSockets(network.server(), "new-owner")) {
                int listener = successor.socket(!after.contains(":"));
                successor.bind(listener, after, port);
                successor.listen(listener);
                accepted.add(connect(successor, listener, port));
            }
        }
        return misnamed(accepted);
    }

    @Test
    void sharedPortBelongsToTheProcessThatAccepts() {
        // Given
        List<SocketProcess> servers = IntStream.range(0, 4)
                .mapToObj(number -> network.startSockets(network.server(), "sharing-" + number))
                .toList();
        List<Integer> listeners = new ArrayList<>();
        int port = network.unusedPort();
        for (SocketProcess one : servers) {
            int listener = one.socket(true);
            one.sharePort(listener);
            one.bind(listener, SERVER_IPV4, port);
            one.listen(listener);
            listeners.add(listener);
        }

        // When
        List<Accepted> accepted = new ArrayList<>();
        for (int time = 0; time < 40; time++) {
            int atClient = client.socket(true);
            client.connect(atClient, SERVER_IPV4, port);
            int clientPort = client.localPort(atClient);
            int acceptor = Patience.patiently()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(
                            () -> IntStream.range(0, servers.size())
                                    .filter(index -> servers.get(index).isReadable(listeners.get(index)))
                                    .findFirst()
                                    .orElse(-1),
                            index -> index >= 0);
            SocketProcess server = servers.get(acceptor);
            server.close(server.accept(listeners.get(acceptor)));
            client.close(atClient);
            accepted.add(new Accepted(clientPort, port, server.pid()));
        }
        servers.forEach(SocketProcess::close);

        // Then
        assertThat(accepted.stream().map(Accepted::pid).distinct()).hasSizeGreaterThan(1);
        assertThat(misnamed(accepted)).isEmpty();
    }

    @Test
    void listenerWithoutBindIsKnown() {
        List<Accepted> accepted = new ArrayList<>();
        for (int time = 0; time < TIMES; time++) {
            int listener = server.socket(true);
            server.listen(listener);
            accepted.add(connect(server, listener, server.localPort(listener)));
            server.close(listener);
        }
        assertThat(misnamed(accepted)).isEmpty();
    }

    @Test
    void socketThatStopsListeningAndListensAgainIsKnown() {
        List<Accepted> accepted = new ArrayList<>();
        for (int time = 0; time < TIMES; time++) {
            int listener = server.socket(true);
            int port = server.bind(listener, SERVER_IPV4);
            server.listen(listener);
            server.disconnect(listener);
            server.listen(listener);
            accepted.add(connect(server, listener, port));
            server.close(listener);
        }
        assertThat(misnamed(accepted)).isEmpty();
    }

    @Test
    void quietServerIsKnownAfterThousandsOfOtherListeners() {
        // Given
        int listener = server.socket(true);
        int port = server.bind(listener, SERVER_IPV4);
        server.listen(listener);
        SocketProcess busy = network.startSockets(network.server(), "busy");

        // When
        busy.listenAndClose(20_000);

        // Then
        List<Accepted> accepted = new ArrayList<>();
        for (int time = 0; time < TIMES; time++) {
            accepted.add(connect(server, listener, port));
        }
        assertThat(misnamed(accepted)).isEmpty();
    }

    /** A transparent proxy accepts connections to other ports than that of its listener (TPROXY). */
    @Test
    void listenerOfATransparentProxyIsKnown() {
        // Given
        int listener = server.socket(true);
        server.useAnyAddress(listener);
        int proxyPort = server.bind(listener, ANY_IPV4);
        server.listen(listener);
        int port = network.unusedPort();
        network.firewall(
                network.server(),
                "-t mangle -A PREROUTING -p tcp --dport " + port + " -j TPROXY --on-port " + proxyPort);

        // When
        List<Accepted> accepted = new ArrayList<>();
        for (int time = 0; time < TIMES; time++) {
            accepted.add(connect(server, listener, port));
        }

        // Then
        assertThat(misnamed(accepted)).isEmpty();
    }

    /** Connects and closes. */
    private static Accepted connect(SocketProcess to, int listener, int port) {
        int atClient = client.socket(true);
        client.connect(atClient, SERVER_IPV4, port);
        int clientPort = client.localPort(atClient);
        int atServer = to.accept(listener);
        client.close(atClient);
        assertThat(to.receive(atServer, 1)).isZero();
        to.close(atServer);
        return new Accepted(clientPort, port, to.pid());
    }

    /** Waits for the records of connections, and returns those with another process than the one that accepted. */
    private static List<SocketRecord> misnamed(List<Accepted> connections) {
        Patience.patiently().untilAsserted(() -> {
            observed.drain(tracker);
            assertThat(connections.stream()
                            .filter(one -> one.serverEnds().findAny().isPresent()))
                    .hasSizeGreaterThanOrEqualTo(connections.size() - missable(connections.size()));
        });
        return connections.stream()
                .flatMap(one -> one.serverEnds().filter(end -> end.owner().pid() != one.pid()))
                .toList();
    }

    /** A connection, and the process that accepted it. */
    private record Accepted(int clientPort, int port, long pid) {
        Stream<SocketRecord> serverEnds() {
            return observed.records().stream()
                    .filter(record -> record.connection().role() == Role.SERVER)
                    .filter(record -> record.connection().local().port() == port)
                    .filter(record -> record.connection().remote().port() == clientPort);
        }
    }
}
