package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV6;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.bpf.ConnectionFilter.AddressBlock;
import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.traffic.SocketProcess;
import io.natator.bpf.traffic.TestNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tests that excluded connections are counted and not reported, and that a filter does not change how others are
 * reported.
 */
class ConnectionFilterTest {
    private static final int TIMES = 5;

    private static TestNetwork network;
    private static SocketProcess client;
    private static SocketProcess server;
    private static Set<Long> namespaces;

    @BeforeAll
    static void start() {
        network = TestNetwork.create();
        namespaces = Set.of(TestNetwork.inode(network.client()), TestNetwork.inode(network.server()));
        client = network.startSockets(network.client(), "client");
        server = network.startSockets(network.server(), "server");
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    void excludesLoopback() {
        Run run = new Run(ConnectionFilter.everything().withLoopback(false));
        run.excludes(client, client, "127.0.0.1", true);
        run.excludes(client, client, "127.9.9.9", false);
        run.excludes(client, client, "::1", false);
        run.reports(client, server, SERVER_IPV4, true);
        run.reports(client, server, SERVER_IPV6, false);
        run.check();
    }

    @Test
    void excludesNetworksOfEitherEnd() throws IOException {
        Run run = new Run(ConnectionFilter.everything()
                .withNetworks(Selection.without(Set.of(block(SERVER_IPV4, 24), block("fd77:1::", 32)))));
        run.excludes(client, server, SERVER_IPV4, true);
        run.excludes(client, server, SERVER_IPV4, false);
        run.excludes(client, server, SERVER_IPV6, false);
        run.reports(client, client, "127.0.0.1", true);
        run.reports(client, client, "::1", false);
        run.check();
    }

    @Test
    void smallestNetworkApplies() throws IOException {
        Run run = new Run(ConnectionFilter.everything()
                .withNetworks(new Selection<>(
                        Set.of(block("10.77.0.0", 16), block("127.8.8.8", 32)),
                        Set.of(block("0.0.0.0", 0), block("::", 0)))));
        run.reports(client, server, SERVER_IPV4, true);
        run.excludes(client, server, SERVER_IPV6, false);
        run.excludes(client, client, "127.0.0.1", true);
        run.check();
    }

    @Test
    void reportsOnlyIncludedNetworks() throws IOException {
        Run run = new Run(ConnectionFilter.everything().withNetworks(Selection.only(Set.of(block("fd77:2::", 32)))));
        run.excludes(client, server, SERVER_IPV4, true);
        run.reports(client, server, SERVER_IPV6, false);
        run.check();
    }

    @Test
    void includesOnlyAServersPort() {
        int port = network.unusedPort();
        Run without = new Run(ConnectionFilter.everything().withServerPorts(Selection.without(Set.of(port))));
        without.excludes(client, server, SERVER_IPV4, true, port);
        without.reports(client, server, SERVER_IPV4, true);
        without.check();
        Run only = new Run(ConnectionFilter.everything().withServerPorts(Selection.only(Set.of(port))));
        only.reports(client, server, SERVER_IPV4, true, port);
        only.excludes(client, server, SERVER_IPV4, true);
        only.check();
    }

    @Test
    void selectsByNetworkNamespace() {
        Run run = new Run(ConnectionFilter.everything()
                .withNetworkNamespaces(Selection.only(Set.of(TestNetwork.inode(network.server())))));
        run.excludes(client, client, "127.0.0.1", true);
        run.reports(server, server, "127.0.0.1", true);
        run.check();
    }

    @Test
    void selectsByCgroupAndAllBelowIt() throws IOException {
        // Given
        try (TestCgroup pod = new TestCgroup();
                SocketProcess inside = network.startSockets(network.client(), "inside")) {
            pod.add(inside.pid());

            // When / Then
            Run run = new Run(ConnectionFilter.everything().withCgroups(Selection.without(Set.of(pod.id()))));
            run.excludes(inside, inside, "127.0.0.1", true);
            run.reports(client, client, "127.0.0.1", true);
            run.check();
        }
    }

    @Test
    void appliesAChangedFilterToOpenConnections() throws Exception {
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            // Given
            TcpTrackerOptions options = TcpTrackerOptions.defaults().withPinDirectory(bpf.pins());
            int listener = client.socket(true);
            int port = client.bind(listener, "127.0.0.1");
            client.listen(listener);
            int open = client.socket(true);
            try (TcpTracker strict = TcpTracker.open(
                    options.withFilter(ConnectionFilter.everything().withLoopback(false)))) {
                client.connect(open, "127.0.0.1", port);
                assertThat(reported(strict, port)).isEmpty();
                assertThat(strict.statistics().count(KernelStatistic.EXCLUDED)).isPositive();
            }

            // When
            try (TcpTracker lenient = TcpTracker.open(options)) {
                // Then
                assertThat(reported(lenient, port))
                        .hasSizeBetween(1, 2)
                        .allSatisfy(record -> assertThat(record.event()).isEqualTo(Event.OPENED));
            }
            client.close(open);
            client.close(listener);
            TcpTracker.unload(bpf.pins());
        }
    }

    @Test
    void refusesContradictoryFilters() {
        assertThatThrownBy(() -> new Selection<>(Set.of(80), Set.of(80))).hasMessageContaining("80 is both included");
        assertThatThrownBy(() -> ConnectionFilter.everything().withServerPorts(Selection.only(Set.of(65_536))))
                .hasMessageContaining("port 65536");
        assertThatThrownBy(() -> block("10.0.0.0", 33)).hasMessageContaining("10.0.0.0/33");
    }

    /** The connections that a test makes under a filter, and which of them the test expects to be reported. */
    private static final class Run {
        private final ConnectionFilter filter;
        private final List<Integer> reported = new ArrayList<>();
        private final List<Integer> excluded = new ArrayList<>();
        private final List<Runnable> traffic = new ArrayList<>();

        Run(ConnectionFilter filter) {
            this.filter = filter;
        }

        void reports(SocketProcess from, SocketProcess to, String address, boolean ipv4) {
            reports(from, to, address, ipv4, network.unusedPort());
        }

        void reports(SocketProcess from, SocketProcess to, String address, boolean ipv4, int port) {
            reported.add(port);
            traffic.add(() -> connect(from, to, address, ipv4, port));
        }

        void excludes(SocketProcess from, SocketProcess to, String address, boolean ipv4) {
            excludes(from, to, address, ipv4, network.unusedPort());
        }

        void excludes(SocketProcess from, SocketProcess to, String address, boolean ipv4, int port) {
            excluded.add(port);
            traffic.add(() -> connect(from, to, address, ipv4, port));
        }

        void check() {
            try (TcpTracker tracker =
                    TcpTracker.open(TcpTrackerOptions.defaults().withFilter(filter))) {
                Observation observed = new Observation(namespaces);
                long before = tracker.statistics().count(KernelStatistic.EXCLUDED);

                // When
                traffic.forEach(Runnable::run);

                // Then
                int ends = 2 * TIMES;
                patiently().untilAsserted(() -> {
                    observed.drain(tracker);
                    for (int port : reported) {
                        assertThat(of(observed, port).filter(record -> record.event() == Event.CLOSED))
                                .hasSizeBetween(ends - missable(ends), ends);
                    }
                });
                for (int port : excluded) {
                    assertThat(of(observed, port)).isEmpty();
                }
                assertThat(tracker.statistics().count(KernelStatistic.EXCLUDED) - before)
                        .isGreaterThanOrEqualTo((long) excluded.size() * (ends - missable(ends)));
            }
        }
    }

    private static Stream<SocketRecord> of(Observation observed, int port) {
        return observed.records().stream()
                .filter(record -> record.connection().local().port() == port
                        || record.connection().remote().port() == port);
    }

    private static List<SocketRecord> reported(TcpTracker tracker, int port) {
        Observation observed = new Observation(namespaces);
        observed.drain(tracker);
        return of(observed, port).toList();
    }

    private static void connect(SocketProcess from, SocketProcess to, String address, boolean ipv4, int port) {
        int listener = to.socket(false);
        to.bind(listener, "::", port);
        to.listen(listener);
        for (int time = 0; time < TIMES; time++) {
            int near = from.socket(ipv4);
            from.connect(near, ipv4 || address.contains(":") ? address : "::ffff:" + address, port);
            int far = to.accept(listener);
            from.send(near, 10);
            assertThat(to.receive(far, 10)).isEqualTo(10);
            from.close(near);
            assertThat(to.receive(far, 1)).isZero();
            to.close(far);
        }
        to.close(listener);
    }

    private static AddressBlock block(String address, int prefixLength) throws IOException {
        return new AddressBlock(InetAddress.getByName(address), prefixLength);
    }
}
