package io.natator.collector;

import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.BpfFileSystem;
import io.natator.bpf.KernelStatistic;
import io.natator.bpf.OtherBuild;
import io.natator.bpf.SocketSource;
import io.natator.bpf.TcpTrackerOptions;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import io.natator.collector.TestBroker.Received;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that the byte counts in the topic add up to exactly what applications sent and received, whatever happens to the
 * collector and the broker. The tests run the collector as a process, with a real kernel, a real broker, and real
 * traffic between network namespaces.
 */
class CollectorFaultTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    /** Maximum time from the end of the traffic until the last closes are in the topic. */
    private static final Duration SETTLING = Duration.ofSeconds(8);
    /**
     * Number of closes that the machine is allowed to miss. Some virtual machines run no tracing program while a thread
     * of process 1 is the current task.
     */
    private static final int MISSABLE = 4;

    private static TestBroker broker;
    private static TestNetwork network;
    private static TrafficPeer client;
    private static TrafficPeer server;
    private static int port;
    private static Map<Long, Boolean> namespaces;
    private static long nextId = 1;

    private String prefix = "t" + UUID.randomUUID() + ".";
    private BpfFileSystem bpf;

    @BeforeAll
    static void startBrokerAndPeers() throws Exception {
        broker = new TestBroker();
        network = TestNetwork.create();
        namespaces = Map.of(TestNetwork.inode(network.client()), true, TestNetwork.inode(network.server()), false);
        client = network.start(network.client(), "traffic-client");
        server = network.start(network.server(), "traffic-server");
        port = server.listen(SERVER_IPV4, true);
    }

    @AfterAll
    static void stopBrokerAndPeers() throws Exception {
        network.close();
        broker.close();
    }

    @BeforeEach
    void mount() throws Exception {
        bpf = new BpfFileSystem();
    }

    @AfterEach
    void unmount() throws Exception {
        bpf.close();
    }

    private CollectorProcess collector(String... more) {
        return CollectorProcess.start(List.of(), options(more));
    }

    private String[] options(String... more) {
        return Stream.concat(
                        Stream.of(
                                "--bootstrap-servers",
                                broker.bootstrapServers(),
                                "--topic-prefix",
                                prefix,
                                "--partitions",
                                "2",
                                "--http-address",
                                "127.0.0.1",
                                "--http-port",
                                "0",
                                "--snapshot-interval",
                                "1s",
                                "--pin-directory",
                                bpf.pins().toString()),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    @Test
    void isExactAfterBeingKilledInTheMiddleOfTraffic() throws Exception {
        // Given
        long first = nextId;
        try (CollectorProcess killed = collector()) {
            hold(3);
            await().atMost(PATIENCE).until(() -> killed.metric("natator_collector_snapshots_sent_total") >= 6);
            CompletableFuture<Void> traffic = connectMeanwhile(1_500);
            await().atMost(PATIENCE).until(() -> openAndClosed(first, 300));

            // When
            killed.kill();
            client.sendMore(first, 10_000);
            client.drop(first + 1);
            try (CollectorProcess restarted = collector()) {
                traffic.get();
                client.drop(first);
                client.drop(first + 2);

                // Then
                assertExact(first, restarted);
            }
        }
    }

    private static boolean openAndClosed(long first, int atLeast) {
        return ends(first).stream().filter(TrafficResult::closed).count() >= atLeast;
    }

    @Test
    void isExactAfterTheBrokerWasAwayAlsoWhenItIsRestartedMeanwhile() throws Exception {
        // Given
        long first = nextId;
        try (CollectorProcess before = collector()) {
            hold(2);
            connect(200);
            await().atMost(PATIENCE).until(before::isReady);

            // When
            broker.leave();
            CompletableFuture<Void> traffic = connectMeanwhile(1_000);
            client.drop(first);
            await().atMost(PATIENCE).until(() -> !before.isReady());
            int code = before.terminate();
            try (CollectorProcess after = collector()) {
                traffic.get();
                broker.comeBack();
                client.drop(first + 1);

                // Then
                assertThat(code).isZero();
                assertExact(first, after);
            }
        } finally {
            broker.comeBack();
        }
    }

    @Test
    void keepsAllBytesAndCountsTheDetailAboveCapacity() throws Exception {
        // If the machine misses a close, the sums are too small, as if the close was lost. The test is then repeated.
        boolean complete = false;
        for (int attempt = 1; !complete && attempt <= 4; attempt++) {
            prefix = "t" + UUID.randomUUID() + ".";
            complete = overflows();
        }
        assertThat(complete).isTrue();
    }

    /** Runs the test once. Returns false if the machine missed closes. */
    private boolean overflows() throws Exception {
        // Given
        long first = nextId;
        try (CollectorProcess collector =
                collector("--ring-bytes", "32768", "--spill-capacity", "50", "--poll-interval", "100ms")) {
            hold(1);
            await().atMost(PATIENCE).until(() -> collector.metric("natator_collector_snapshots_sent_total") >= 2);
            broker.leave();

            // When
            connect(400);
            client.sendMore(first, 3_000);
            client.drop(first);
            await().atMost(PATIENCE).until(() -> collector.metric("natator_collector_connections_folded_total") > 0);
            broker.comeBack();

            // Then
            List<TrafficResult> ends = ends(first);
            await().atMost(PATIENCE).until(collector::isReady);
            settled(ends.size(), () -> (int) sum(ended(), ConnectionSnapshot::getConnections));
            assertThat(collector.metric("natator_collector_connections_spilled_total"))
                    .isPositive();
            List<ConnectionSnapshot> ended = ended();
            long folded = sum(
                    ended.stream()
                            .filter(snapshot -> snapshot.getState() == ConnectionState.FOLDED)
                            .toList(),
                    ConnectionSnapshot::getConnections);
            assertThat(folded).isPositive();
            assertThat(collector.metric("natator_collector_connections_folded_total"))
                    .isGreaterThanOrEqualTo((double) folded);
            assertThat(exact(ends.subList(0, 1), ended)).hasSize(1);
            long missed = ends.size() - sum(ended, ConnectionSnapshot::getConnections);
            assertThat(missed).isBetween(0L, (long) MISSABLE);
            if (missed == 0) {
                assertThat(sum(ended, ConnectionSnapshot::getBytesSent)).isEqualTo(sum(ends, TrafficResult::written));
                assertThat(sum(ended, ConnectionSnapshot::getBytesReceived)).isEqualTo(sum(ends, TrafficResult::read));
            }
            assertThat(collector.terminate()).isZero();
            unload();
            return missed == 0;
        } finally {
            broker.comeBack();
        }
    }

    @Test
    void readsTheRecordsOfAnotherVersion() throws Exception {
        // Given
        long first = nextId;
        Path left = bpf.pins().resolve("v" + OtherBuild.VERSION);
        try (SocketSource other = OtherBuild.open(TcpTrackerOptions.defaults().withPinDirectory(bpf.pins()))) {
            hold(2);
            connect(300);
            client.drop(first);
            assertThat(other.statistics().count(KernelStatistic.CLOSED)).isPositive();
        }
        CompletableFuture<Void> traffic = connectMeanwhile(1_000);
        assertThat(left).exists();

        // When
        try (CollectorProcess upgraded = collector()) {
            traffic.get();
            client.drop(first + 1);

            // Then
            assertExact(first, upgraded);
            assertThat(upgraded.metric("natator_collector_records_discarded_total"))
                    .isZero();
            assertThat(left).doesNotExist();
        }
    }

    @Test
    void logsAndCountsRecordsOfAnotherVersionThatItCannotRead() throws Exception {
        // Given
        Path left = bpf.pins().resolve("v" + OtherBuild.VERSION);
        try (SocketSource other = OtherBuild.open(TcpTrackerOptions.defaults().withPinDirectory(bpf.pins()))) {
            connect(50);
            await().atMost(PATIENCE).until(() -> other.statistics().count(KernelStatistic.CLOSED) >= 100 - MISSABLE);
        }
        Files.delete(left.resolve("layout"));

        // When
        try (CollectorProcess upgraded = collector()) {
            // Then
            await().atMost(PATIENCE)
                    .until(() -> upgraded.metric("natator_collector_records_discarded_total") >= 100 - MISSABLE);
            assertThat(upgraded.output()).anyMatch(line -> line.contains("cannot be read"));
            assertThat(left).doesNotExist();
        }
    }

    @Test
    void unloadsEverythingWhenNoCollectorRuns() throws Exception {
        // Given
        try (CollectorProcess collector = collector()) {
            try (Stream<Path> versions = Files.list(bpf.pins())) {
                assertThat(versions)
                        .singleElement()
                        .satisfies(version ->
                                assertThat(version).isDirectoryContaining(pin -> pin.endsWith("tcp_state_one")));
            }

            // When / Then
            CollectorProcess refused = CollectorProcess.run(
                    List.of(), "unload", "--pin-directory", bpf.pins().toString());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.output()).singleElement().asString().contains("another collector uses it");
            collector.kill();
        }
        unload();
        assertThat(bpf.pins()).doesNotExist();
        unload();
    }

    @Test
    void excludedConnectionsNeverLeaveTheKernel() throws Exception {
        // Given
        int other = server.listen(SERVER_IPV4, true);
        try (CollectorProcess collector = collector("--exclude-port", Integer.toString(port))) {
            // When
            long first = nextId;
            connect(50);
            nextId++;
            client.connect(SERVER_IPV4, other, true, nextId, 1, 1, 1, 1_000);
            nextId++;

            // Then
            await().atMost(PATIENCE).until(() -> openAndClosed(first, 102));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(ended()).anyMatch(snapshot -> snapshot.getRemotePort() == other));
            assertThat(lastOfEach())
                    .noneMatch(snapshot -> snapshot.getRemotePort() == port || snapshot.getLocalPort() == port);
            assertThat(collector.metric("natator_collector_connections_left_out_total"))
                    .isGreaterThanOrEqualTo(100 - MISSABLE);
        }
    }

    @Test
    void onlyIncludedConnectionsLeaveTheKernel() throws Exception {
        // Given
        int other = server.listen(SERVER_IPV4, true);
        try (CollectorProcess collector = collector(
                "--include-cidr", "10.77.0.0/16",
                "--include-port", Integer.toString(other),
                "--exclude-network-namespace", "/proc/self/ns/net")) {
            // When
            connect(50);
            nextId++;
            client.connect(SERVER_IPV4, other, true, nextId, 1, 1, 1, 1_000);
            nextId++;

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(ended()).anyMatch(snapshot -> snapshot.getRemotePort() == other));
            assertThat(lastOfEach())
                    .allMatch(snapshot -> snapshot.getRemotePort() == other || snapshot.getLocalPort() == other);
            assertThat(collector.metric("natator_collector_connections_left_out_total"))
                    .isGreaterThanOrEqualTo(100 - MISSABLE);
        }
    }

    @Test
    void connectionsOfAnExcludedCgroupNeverLeaveTheKernel() throws Exception {
        // Given: the cgroup of every process is below the excluded root cgroup
        try (CollectorProcess collector = collector("--exclude-cgroup", "/")) {
            // When
            connect(10);
            nextId++;

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(collector.metric("natator_collector_connections_left_out_total"))
                            .isGreaterThanOrEqualTo(20 - MISSABLE));
            assertThat(lastOfEach()).isEmpty();
        }
    }

    private void unload() throws InterruptedException {
        CollectorProcess unload = CollectorProcess.run(
                List.of(), "unload", "--pin-directory", bpf.pins().toString());
        assertThat(unload.exitCode()).isZero();
        assertThat(unload.output()).isEmpty();
    }

    // The following methods create traffic of applications.

    private static void hold(int count) {
        for (int index = 0; index < count; index++) {
            client.hold(SERVER_IPV4, port, true, nextId++, 5_000, 7_000);
        }
    }

    private static void connect(int count) {
        long first = nextId;
        nextId += count;
        client.connect(SERVER_IPV4, port, true, first, count, 8, first, 20_000);
    }

    private static CompletableFuture<Void> connectMeanwhile(int count) {
        return CompletableFuture.runAsync(() -> connect(count));
    }

    /** Returns both ends of every connection whose id is at least {@code first}, ordered by id. */
    private static List<TrafficResult> ends(long first) {
        return Stream.of(client, server)
                .flatMap(peer -> peer.results().stream())
                .filter(end -> end.id() >= first)
                .sorted(java.util.Comparator.comparingLong(TrafficResult::id))
                .toList();
    }

    // The following methods read the contents of the topic.

    private record End(boolean client, InetAddress local, int localPort, InetAddress remote, int remotePort) {
        static End of(TrafficResult result) {
            return new End(
                    result.client(),
                    result.local().address(),
                    result.local().port(),
                    result.remote().address(),
                    result.remote().port());
        }

        static End of(ConnectionSnapshot snapshot) {
            return new End(
                    Boolean.TRUE.equals(namespaces.get(snapshot.getNetworkNamespace())),
                    address(snapshot.getLocalAddress()),
                    snapshot.getLocalPort(),
                    address(snapshot.getRemoteAddress()),
                    snapshot.getRemotePort());
        }

        private static InetAddress address(ByteBuffer bytes) {
            byte[] address = new byte[bytes.remaining()];
            bytes.duplicate().get(address);
            try {
                return InetAddress.getByAddress(address);
            } catch (java.net.UnknownHostException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    /**
     * Returns, for each key and end, the record with the largest counters. Includes only this test's network
     * namespaces.
     */
    private List<ConnectionSnapshot> lastOfEach() {
        Map<List<Object>, ConnectionSnapshot> last = new HashMap<>();
        for (Received received : broker.connections(prefix)) {
            ConnectionSnapshot snapshot = received.value();
            if (namespaces.containsKey(snapshot.getNetworkNamespace())) {
                last.merge(
                        List.of(received.key(), snapshot.getNetworkNamespace(), snapshot.getStartedAt()),
                        snapshot,
                        (one, two) ->
                                two.getState() == ConnectionState.OPEN || one.getConnections() > two.getConnections()
                                        ? one
                                        : two);
            }
        }
        return List.copyOf(last.values());
    }

    private List<ConnectionSnapshot> ended() {
        return lastOfEach().stream()
                .filter(snapshot -> snapshot.getState() != ConnectionState.OPEN)
                .toList();
    }

    private static <T> long sum(Collection<T> of, ToLongFunction<T> figure) {
        return of.stream().mapToLong(figure).sum();
    }

    /** Returns the ends whose close is in the topic and has exactly the bytes that the application counted. */
    private static List<TrafficResult> exact(List<TrafficResult> ends, List<ConnectionSnapshot> snapshots) {
        Map<End, ConnectionSnapshot> closes = new HashMap<>();
        snapshots.stream()
                .filter(snapshot -> snapshot.getState() == ConnectionState.CLOSED)
                .forEach(snapshot -> closes.put(End.of(snapshot), snapshot));
        List<TrafficResult> exact = new ArrayList<>();
        for (TrafficResult end : ends) {
            ConnectionSnapshot close = closes.get(End.of(end));
            if (close != null) {
                assertThat(close.getBytesSent()).describedAs("sent by %s", end).isEqualTo(end.written());
                assertThat(close.getBytesReceived())
                        .describedAs("received by %s", end)
                        .isEqualTo(end.read());
                exact.add(end);
            }
        }
        return exact;
    }

    private void assertExact(long first, CollectorProcess collector) {
        await().atMost(PATIENCE).until(() -> ends(first).stream().allMatch(TrafficResult::closed));
        List<TrafficResult> ends = ends(first);
        await().atMost(PATIENCE).until(collector::isReady);
        int found = settled(ends.size(), () -> exact(ends, lastOfEach()).size());
        assertThat(found).isBetween(ends.size() - MISSABLE, ends.size());
    }

    /** Waits at most {@link #SETTLING} until the number is {@code wanted}, and returns its last value. */
    private static int settled(int wanted, Callable<Integer> figure) {
        int[] last = {0};
        try {
            await().atMost(SETTLING).pollInterval(Duration.ofMillis(200)).until(() -> {
                last[0] = figure.call();
                return last[0] == wanted;
            });
        } catch (ConditionTimeoutException missed) {
            return last[0];
        }
        return last[0];
    }
}
