package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV6;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that the kernel side reports, at both ends of a connection, exactly the bytes that the applications counted.
 */
class TcpExactnessTest {
    private static final String SERVICE = "10.96.0.7";
    private static final int MAX_BYTES = 300_000;

    private static TestNetwork network;
    private static TrafficPeer client;
    private static TrafficPeer server;
    private static TcpTracker tracker;
    private static Observation observed;
    private static long clientNamespace;
    private static long serverNamespace;
    private static long nextId = 1;

    @BeforeAll
    static void start() {
        network = TestNetwork.create();
        clientNamespace = TestNetwork.inode(network.client());
        serverNamespace = TestNetwork.inode(network.server());
        tracker = TcpTracker.open(TcpTrackerOptions.defaults());
        observed = new Observation(Set.of(clientNamespace, serverNamespace));
        client = network.start(network.client(), "traffic-client");
        server = network.start(network.server(), "traffic-server");
    }

    @AfterAll
    static void stop() {
        tracker.close();
        network.close();
    }

    @ParameterizedTest
    @CsvSource({
        // The three kinds of sockets: IPv4, IPv6, and IPv6 with IPv4 traffic.
        SERVER_IPV4 + ", true, 11, 250",
        SERVER_IPV6 + ", false, 12, 250",
        SERVER_IPV4 + ", false, 13, 250",
    })
    void countsWhatApplicationsCountInEveryClosingMode(String address, boolean ipv4, long seed, int count) {
        // Given
        int port = server.listen(address, ipv4);

        // When
        Set<Long> ids = connect(client, address, port, ipv4, seed, count);

        // Then
        List<TrafficResult> clientEnds = ended(client, ids);
        List<TrafficResult> serverEnds = ended(server, ids);
        assertExact(clientEnds, clientNamespace, serverEnds, serverNamespace);
    }

    @Test
    void countsBothEndsOnLoopback() {
        // Given
        int port = server.listen("127.0.0.1", false);

        // When
        Set<Long> ids = connect(server, "127.0.0.1", port, false, 14, 150);

        // Then
        List<TrafficResult> ends = ended(server, ids);
        assertExact(
                ends.stream().filter(TrafficResult::client).toList(),
                serverNamespace,
                ends.stream().filter(end -> !end.client()).toList(),
                serverNamespace);
    }

    @Test
    void fingerprintIsTheSameThroughAddressTranslation() {
        // Given
        int port = server.listen(SERVER_IPV4, true);
        network.translate(SERVICE, port);

        // When
        Set<Long> ids = connect(client, SERVICE, port, true, 15, 150);
        network.translateNoMore(SERVICE, port);

        // Then
        List<TrafficResult> serverEnds = ended(server, ids);
        assertThat(serverEnds)
                .allSatisfy(end ->
                        assertThat(end.remote().address().getHostAddress()).isNotEqualTo(TestNetwork.CLIENT_IPV4));
        assertExact(ended(client, ids), clientNamespace, serverEnds, serverNamespace);
    }

    @Test
    void countsPayloadOnceHoweverOftenItIsTransmitted() {
        // Given
        int port = server.listen(SERVER_IPV4, true);
        network.disturb();

        // When
        Set<Long> ids = Set.of();
        try {
            ids = identifiers(120);
            client.connectOrderly(SERVER_IPV4, port, true, Collections.min(ids), ids.size(), 16, 17, MAX_BYTES);
            ended(server, ids);
        } finally {
            network.calm();
        }

        // Then
        assertExact(ended(client, ids), clientNamespace, ended(server, ids), serverNamespace);
        assertThat(observed.records(Event.CLOSED)
                        .filter(close -> close.connection().local().port() == port
                                || close.connection().remote().port() == port)
                        .mapToLong(record -> record.counters().retransmits())
                        .sum())
                .isPositive();
    }

    @Test
    void readsAQuietLiveConnectionExactly() {
        // Given
        int port = server.listen(SERVER_IPV6, false);
        long id = hold(port, 70_000, 90_000);

        for (int more = 1; more < 60_000; more *= 7) {
            // When
            client.sendMore(id, more);

            // Then
            patiently().untilAsserted(() -> {
                TrafficResult atClient = result(client, id);
                TrafficResult atServer = result(server, id);
                assertThat(atServer.read()).isEqualTo(atClient.written());
                SocketRecord clientEnd =
                        Observation.live(tracker, atClient, clientNamespace).orElseThrow();
                SocketRecord serverEnd =
                        Observation.live(tracker, atServer, serverNamespace).orElseThrow();
                assertThat(clientEnd.event()).isEqualTo(Event.LIVE);
                assertThat(clientEnd.lifecycle().closeReason()).isEqualTo(CloseReason.NONE);
                assertThat(clientEnd.counters().bytesSent()).isEqualTo(atClient.written());
                assertThat(clientEnd.counters().bytesAcked()).isEqualTo(atClient.written());
                assertThat(clientEnd.counters().bytesReceived()).isEqualTo(atClient.read());
                assertThat(serverEnd.counters().bytesSent()).isEqualTo(atServer.written());
                assertThat(serverEnd.counters().bytesAcked()).isEqualTo(atServer.written());
                assertThat(serverEnd.counters().bytesReceived()).isEqualTo(atServer.read());
                assertThat(serverEnd.connection().fingerprint())
                        .isEqualTo(clientEnd.connection().fingerprint())
                        .isNotZero();
                assertThat(clientEnd.quality().smoothedRttMicros()).isPositive();
                assertThat(clientEnd.quality().minRttMicros()).isPositive();
            });
        }
        client.drop(id);
        assertExact(ended(client, Set.of(id)), clientNamespace, ended(server, Set.of(id)), serverNamespace);
        assertThat(Observation.live(tracker, result(client, id), clientNamespace))
                .isEmpty();
    }

    @Test
    void liveReadingIsNeverAheadOfTheClose() {
        // Given
        int port = server.listen(SERVER_IPV4, true);
        Map<List<Long>, SocketRecord> alive = new ConcurrentHashMap<>();
        CompletableFuture<Set<Long>> traffic = CompletableFuture.supplyAsync(() -> {
            Set<Long> all = new HashSet<>();
            // On a slow machine, a batch of short connections can end before they are read for the first time.
            for (int batch = 0; batch < 10 && (batch == 0 || alive.isEmpty()); batch++) {
                all.addAll(connect(client, SERVER_IPV4, port, true, 16, 400));
            }
            return all;
        });

        // When
        while (!traffic.isDone()) {
            tracker.readLive(record -> {
                if (record.connection().remote().port() == port
                        || record.connection().local().port() == port) {
                    SocketRecord before =
                            alive.put(List.of(record.id().cookie(), record.id().startNanos()), record);
                    if (before != null) {
                        assertThat(record.lifecycle().observedNanos())
                                .isGreaterThan(before.lifecycle().observedNanos());
                    }
                }
            });
        }

        // Then
        Set<Long> ids = traffic.join();
        assertExact(ended(client, ids), clientNamespace, ended(server, ids), serverNamespace);
        assertThat(alive).isNotEmpty();
        observed.records(Event.CLOSED).forEach(close -> {
            SocketRecord live =
                    alive.get(List.of(close.id().cookie(), close.id().startNanos()));
            if (live != null) {
                assertThat(live.counters().bytesSent())
                        .isLessThanOrEqualTo(close.counters().bytesSent());
                assertThat(live.counters().bytesAcked())
                        .isLessThanOrEqualTo(close.counters().bytesAcked());
                assertThat(live.counters().bytesReceived())
                        .isLessThanOrEqualTo(close.counters().bytesReceived());
                assertThat(live.connection().fingerprint())
                        .isEqualTo(close.connection().fingerprint());
            }
        });
    }

    @Test
    void reportsARefusedConnectionAsFailed() {
        // Given
        int port = 9;
        int count = 20;

        // When
        client.connectRefused(SERVER_IPV4, port, true, count);

        // Then
        patiently().untilAsserted(() -> {
            observed.drain(tracker);
            assertThat(observed.records(Event.FAILED)
                            .filter(record -> record.connection().remote().port() == port))
                    .hasSizeBetween(count - missable(count), count)
                    .allSatisfy(failure -> {
                        assertThat(failure.lifecycle().closeReason()).isEqualTo(CloseReason.REFUSED);
                        assertThat(failure.connection().role()).isEqualTo(Role.CLIENT);
                        assertThat(failure.connection().remote().address().getHostAddress())
                                .isEqualTo(SERVER_IPV4);
                        assertThat(failure.owner().command()).isEqualTo("traffic-client");
                        assertThat(failure.counters().bytesSent()).isZero();
                        assertThat(failure.connection().fingerprint()).isZero();
                    });
        });
    }

    /**
     * Opens a connection whose ends are both reported as open, and returns its id. If the machine misses an open, opens
     * another one.
     */
    private static long hold(int port, int clientBytes, int serverBytes) {
        for (int missed = 0; missed <= missable(2); missed++) {
            long id = nextId++;
            client.hold(SERVER_IPV6, port, false, id, clientBytes, serverBytes);
            if (Observation.live(tracker, result(client, id), clientNamespace).isPresent()
                    && Observation.live(tracker, result(server, id), serverNamespace)
                            .isPresent()) {
                return id;
            }
        }
        throw new AssertionError("connections to port " + port + " are not seen alive");
    }

    private static Set<Long> connect(TrafficPeer from, String address, int port, boolean ipv4, long seed, int count) {
        Set<Long> ids = identifiers(count);
        from.connect(address, port, ipv4, Collections.min(ids), count, 8, seed, MAX_BYTES);
        return ids;
    }

    private static Set<Long> identifiers(int count) {
        long first = nextId;
        nextId += count;
        return LongStream.range(first, first + count).boxed().collect(Collectors.toUnmodifiableSet());
    }

    /** Waits until a peer has closed all these connections, and returns the peer's results for them. */
    private static List<TrafficResult> ended(TrafficPeer peer, Set<Long> ids) {
        List<TrafficResult> ends = new ArrayList<>();
        patiently().untilAsserted(() -> {
            ends.clear();
            peer.results().stream().filter(result -> ids.contains(result.id())).forEach(ends::add);
            assertThat(ends).hasSizeGreaterThanOrEqualTo(ids.size()).allMatch(TrafficResult::closed);
        });
        return ends;
    }

    private static TrafficResult result(TrafficPeer peer, long id) {
        return peer.results().stream()
                .filter(result -> result.id() == id)
                .findFirst()
                .orElseThrow();
    }

    private static void assertExact(
            List<TrafficResult> clientEnds, long clientSide, List<TrafficResult> serverEnds, long serverSide) {
        awaitCloses(clientEnds, clientSide);
        awaitCloses(serverEnds, serverSide);
        Map<Long, SocketRecord> clients = exact(clientEnds, clientSide);
        Map<Long, SocketRecord> servers = exact(serverEnds, serverSide);
        clients.forEach((id, end) -> {
            assertThat(end.connection().fingerprint()).isNotZero();
            SocketRecord other = servers.get(id);
            if (other != null) {
                assertThat(other.connection().fingerprint())
                        .as("fingerprint of connection %d", id)
                        .isEqualTo(end.connection().fingerprint());
            }
        });
        assertThat(clients.values().stream().map(record -> record.connection().fingerprint()))
                .doesNotHaveDuplicates();
        assertThat(observed.records()).allSatisfy(record -> {
            assertThat(record.connection().remote().address().isAnyLocalAddress())
                    .isFalse();
            assertThat(record.connection().remote().port()).isNotZero();
        });
        assertThat(tracker.statistics().count(KernelStatistic.LOST)).isZero();
    }

    private static void awaitCloses(List<TrafficResult> ends, long networkNamespace) {
        try {
            patiently().atMost(Duration.ofSeconds(30)).until(() -> {
                observed.drain(tracker);
                return ends.stream()
                        .allMatch(end -> observed.close(end, networkNamespace).isPresent());
            });
        } catch (ConditionTimeoutException missed) {
            // Missing ends are allowed here: the caller asserts how many can be missing.
            observed.drain(tracker);
        }
    }

    private static Map<Long, SocketRecord> exact(List<TrafficResult> ends, long networkNamespace) {
        Map<Long, SocketRecord> found = new HashMap<>();
        for (TrafficResult end : ends) {
            Optional<SocketRecord> close = observed.close(end, networkNamespace);
            if (close.isEmpty()) {
                continue;
            }
            SocketRecord record = close.get();
            found.put(end.id(), record);
            assertThat(record.counters().bytesSent()).as("sent of %s", end).isEqualTo(end.written());
            assertThat(record.counters().bytesReceived())
                    .as("received of %s", end)
                    .isEqualTo(end.read());
            if (!end.mode().resets()) {
                assertThat(record.counters().bytesAcked())
                        .as("acked of %s", end)
                        .isEqualTo(end.written());
            }
            assertThat(record.lifecycle().closeReason())
                    .as("reason of %s", end)
                    .isEqualTo(end.mode().resets() ? CloseReason.RESET : CloseReason.FIN);
            assertThat(record.connection().role()).isEqualTo(end.client() ? Role.CLIENT : Role.SERVER);
            boolean atServer = networkNamespace == serverNamespace;
            assertThat(record.owner().command()).isEqualTo(atServer ? "traffic-server" : "traffic-client");
            assertThat(record.owner().pid()).isEqualTo((int) (atServer ? server : client).pid());
            assertThat(record.counters().connections()).isOne();
            assertThat(record.lifecycle().observedNanos())
                    .isGreaterThan(record.id().startNanos());
        }
        assertThat(ends.size() - found.size())
                .as(
                        "closes missed of %d, recursion misses %d",
                        ends.size(), tracker.statistics().recursionMisses())
                .isLessThanOrEqualTo(missable(ends.size()));
        return found;
    }
}
