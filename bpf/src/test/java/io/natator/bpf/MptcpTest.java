package io.natator.bpf;

import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.SocketProcess;
import io.natator.bpf.traffic.TestNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests which process the TCP connections (subflows) of an MPTCP connection belong to. */
class MptcpTest {
    private static final String SECOND_CLIENT_IPV4 = "10.77.1.3";
    private static final String SECOND_SERVER_IPV4 = "10.77.2.3";

    private static TestNetwork network;
    private static SocketProcess client;
    private static SocketProcess server;

    @BeforeAll
    static void start() {
        assumeThat(Files.exists(Path.of("/proc/sys/net/mptcp/enabled")))
                .as("this kernel has MPTCP")
                .isTrue();
        network = TestNetwork.create();
        network.addSubflows(SECOND_CLIENT_IPV4);
        client = network.startSockets(network.client(), "mptcp-client");
        server = network.startSockets(network.server(), "mptcp-server");
    }

    @AfterAll
    static void stop() {
        if (network != null) {
            network.close();
        }
    }

    @Test
    void listenerThatWasOpenBeforeIsKnown() {
        listenerThatWasOpenBeforeIsKnown(() -> TcpTracker.open(TcpTrackerOptions.defaults()));
    }

    @Test
    void listenerThatWasOpenBeforeIsKnownWithoutTypedPointers() {
        listenerThatWasOpenBeforeIsKnown(() -> TcpTracker.open(
                TcpTrackerOptions.defaults(), CompiledObject.read(CompiledObject.TCP), RecordLayout.VERSION));
    }

    private static void listenerThatWasOpenBeforeIsKnown(Supplier<TcpTracker> opening) {
        // Given
        int listener = server.mptcpSocket();
        int port = server.bind(listener, SERVER_IPV4);
        server.listen(listener);

        try (TcpTracker tracker = opening.get()) {
            // When
            int mptcp = connect(client.mptcpSocket(), port);
            int atServer = server.accept(listener);
            exchange(mptcp, atServer);
            int tcp = connect(client.socket(true), port);
            int tcpAtServer = server.accept(listener);

            // Then
            Observation observed = observe(tracker, network, port, 6);
            assertThat(observed.records(Event.OPENED)).allSatisfy(MptcpTest::hasItsProcess);
            List.of(mptcp, tcp).forEach(client::close);
            List.of(atServer, tcpAtServer, listener).forEach(server::close);
        }
    }

    @Test
    void connectionThatWasOpenBeforeIsKnown() {
        // Given
        int listener = server.mptcpSocket();
        int port = server.bind(listener, SERVER_IPV4);
        server.listen(listener);
        long joins = joins();
        int atClient = connect(client.mptcpSocket(), port);
        int atServer = server.accept(listener);
        exchange(atClient, atServer);
        patiently().until(() -> joins() > joins);

        try (TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults())) {
            // When
            Observation observed = observe(tracker, network, port, 4);

            // Then
            assertThat(observed.records(Event.OPENED)).allSatisfy(MptcpTest::hasItsProcess);
            client.close(atClient);
            server.close(atServer);
            server.close(listener);
        }
    }

    @Test
    void additionalSubflowBelongsToTheProcessOfTheFirst() {
        try (TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults())) {
            // Given
            int listener = server.mptcpSocket();
            int port = server.bind(listener, SERVER_IPV4);
            server.listen(listener);

            // When
            int atClient = connect(client.mptcpSocket(), port);
            int atServer = server.accept(listener);
            exchange(atClient, atServer);

            // Then
            Observation observed = observe(tracker, network, port, 4);
            assertThat(observed.records(Event.OPENED)).allSatisfy(MptcpTest::hasItsProcess);
            assertThat(observed.records(Event.OPENED)
                            .map(open -> open.owner().cgroupId())
                            .distinct())
                    .hasSize(1);
            client.close(atClient);
            server.close(atServer);
            server.close(listener);
        }
    }

    @Test
    void subflowThatArrivesAtTheListenerOfAnotherProcessBelongsToTheProcessOfTheFirst() {
        try (TestNetwork separate = TestNetwork.create();
                TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults())) {
            // Given
            separate.addSubflows(SECOND_CLIENT_IPV4);
            SocketProcess from = separate.startSockets(separate.client(), "mptcp-client");
            SocketProcess one = separate.startSockets(separate.server(), "mptcp-one");
            SocketProcess other = separate.startSockets(separate.server(), "mptcp-other");
            int port = separate.unusedPort();
            int listener = share(one, port);
            int otherListener = share(other, port);

            // When: enough connections, so that both listeners get first and additional subflows
            int connections = 8;
            int accepted = 0;
            for (int index = 0; index < connections; index++) {
                int atClient = from.mptcpSocket();
                from.connect(atClient, SERVER_IPV4, port);
                from.send(atClient, 1000);
                patiently()
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> one.isReadable(listener) || other.isReadable(otherListener));
                if (one.isReadable(listener)) {
                    accepted++;
                    assertThat(one.receive(one.accept(listener), 1000)).isEqualTo(1000);
                } else {
                    assertThat(other.receive(other.accept(otherListener), 1000)).isEqualTo(1000);
                }
            }

            // Then
            Observation observed = observe(tracker, separate, port, 4 * connections);
            List<Integer> owners = observed.records(Event.OPENED)
                    .filter(open -> open.connection().role() == Role.SERVER)
                    .map(open -> open.owner().pid())
                    .toList();
            assertThat(owners).filteredOn(pid -> pid == (int) one.pid()).hasSize(2 * accepted);
            assertThat(owners).filteredOn(pid -> pid == (int) other.pid()).hasSize(2 * (connections - accepted));
        }
    }

    private static int share(SocketProcess process, int port) {
        int listener = process.mptcpSocket();
        process.sharePort(listener);
        process.bind(listener, SERVER_IPV4, port);
        process.listen(listener);
        return listener;
    }

    @Test
    void subflowThatAListenerOfTheKernelAcceptsBelongsToTheProcessOfTheFirst() {
        try (TestNetwork separate = TestNetwork.create();
                TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults())) {
            // Given
            int kernelPort = separate.unusedPort();
            separate.acceptSubflows(SECOND_SERVER_IPV4, kernelPort);
            SocketProcess from = separate.startSockets(separate.client(), "mptcp-client");
            SocketProcess to = separate.startSockets(separate.server(), "mptcp-server");
            int listener = to.mptcpSocket();
            int port = to.bind(listener, SERVER_IPV4);
            to.listen(listener);

            // When
            int atClient = from.mptcpSocket();
            from.connect(atClient, SERVER_IPV4, port);
            int atServer = to.accept(listener);
            from.send(atClient, 1000);
            assertThat(to.receive(atServer, 1000)).isEqualTo(1000);

            // Then
            Observation observed =
                    new Observation(Set.of(TestNetwork.inode(separate.client()), TestNetwork.inode(separate.server())));
            patiently().untilAsserted(() -> {
                observed.drain(tracker);
                assertThat(observed.records(Event.OPENED).filter(open -> isTo(open, kernelPort)))
                        .hasSize(2);
            });
            assertThat(observed.records(Event.OPENED)).hasSize(4).allSatisfy(open -> {
                boolean client = open.connection().role() == Role.CLIENT;
                assertThat(open.owner().command()).isEqualTo(client ? "mptcp-client" : "mptcp-server");
                assertThat(open.owner().pid()).isEqualTo((int) (client ? from : to).pid());
            });
        }
    }

    private static int connect(int socket, int port) {
        client.connect(socket, SERVER_IPV4, port);
        return socket;
    }

    /** Transfers bytes, because the client adds subflows only after the server has acknowledged data. */
    private static void exchange(int atClient, int atServer) {
        client.send(atClient, 1000);
        assertThat(server.receive(atServer, 1000)).isEqualTo(1000);
    }

    /** Returns the number of additional subflows that the server has accepted. */
    private static long joins() {
        return network.counter(network.server(), "MPTcpExt", "MPJoinAckRx");
    }

    /** Waits until the tracker has reported the opens of the TCP connections to a port. */
    private static Observation observe(TcpTracker tracker, TestNetwork at, int port, int ends) {
        Observation observed = new Observation(Set.of(TestNetwork.inode(at.client()), TestNetwork.inode(at.server())));
        patiently().untilAsserted(() -> {
            observed.drain(tracker);
            assertThat(observed.records(Event.OPENED).filter(open -> isTo(open, port)))
                    .hasSize(ends);
        });
        return observed;
    }

    private static boolean isTo(SocketRecord open, int port) {
        return open.connection().local().port() == port
                || open.connection().remote().port() == port;
    }

    private static void hasItsProcess(SocketRecord open) {
        boolean atClient = open.connection().role() == Role.CLIENT;
        assertThat(open.owner().command()).isEqualTo(atClient ? "mptcp-client" : "mptcp-server");
        assertThat(open.owner().pid()).isEqualTo((int) (atClient ? client : server).pid());
    }
}
