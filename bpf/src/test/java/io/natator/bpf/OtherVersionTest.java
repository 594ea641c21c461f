package io.natator.bpf;

import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests the upgrade to a version with another record layout, and the downgrade. */
class OtherVersionTest {
    private static final int RING_BYTES = 32 << 10;
    private static final int CONNECTIONS = 300;
    private static final int MISSABLE = Patience.missable(2 * CONNECTIONS);

    private static TestNetwork network;
    private static TrafficPeer client;
    private static TrafficPeer server;
    private static int port;
    private static Set<Long> namespaces;
    private static long nextId = 1;

    @BeforeAll
    static void start() {
        network = TestNetwork.create();
        namespaces = Set.of(TestNetwork.inode(network.client()), TestNetwork.inode(network.server()));
        client = network.start(network.client(), "traffic-client");
        server = network.start(network.server(), "traffic-server");
        port = server.listen(SERVER_IPV4, true);
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    private static TcpTrackerOptions options(BpfFileSystem bpf) {
        return TcpTrackerOptions.defaults().withPinDirectory(bpf.pins());
    }

    @Test
    void readsTheRecordsOfAnotherVersionAndRemovesItsPins() throws Exception {
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            // Given
            Path left = bpf.pins().resolve("v" + OtherBuild.VERSION);
            List<TrafficResult> ends;
            try (SocketSource other = OtherBuild.open(
                    options(bpf).withRingBytes(RING_BYTES).withSpillCapacity(50).withFoldCapacity(4096))) {
                ends = connect();
                awaitClosed(other);
                assertThat(other.statistics().count(KernelStatistic.SPILLED)).isPositive();
                assertThat(other.statistics().count(KernelStatistic.FOLDED)).isPositive();
            }

            // When
            Observation observed = new Observation(namespaces);
            try (TcpTracker tracker = TcpTracker.open(options(bpf))) {
                SocketBatch first = tracker.poll(10);
                assertThat(left).exists();
                first.records().forEach(observed::add);
                first.release();
                observed.drain(tracker);
                assertThat(tracker.statistics().discarded()).isZero();
            }

            // Then
            assertThat(left).doesNotExist();
            assertThat(observed.records(Event.CLOSED)).isNotEmpty().allSatisfy(close -> {
                assertThat(close.connection().protocol()).isEqualTo(6);
                assertThat(close.connection().role()).isNotEqualTo(Role.UNKNOWN);
                assertThat(close.owner().command()).startsWith("traffic-");
            });
            List<SocketRecord> ended = Stream.concat(observed.records(Event.CLOSED), observed.records(Event.FOLDED))
                    .toList();
            long seen = ended.stream()
                    .mapToLong(record -> record.counters().connections())
                    .sum();
            assertThat(seen).isBetween((long) ends.size() - MISSABLE, (long) ends.size());
            if (seen == ends.size()) {
                assertThat(ended.stream()
                                .mapToLong(record -> record.counters().bytesSent())
                                .sum())
                        .isEqualTo(
                                ends.stream().mapToLong(TrafficResult::written).sum());
                assertThat(ended.stream()
                                .mapToLong(record -> record.counters().bytesReceived())
                                .sum())
                        .isEqualTo(ends.stream().mapToLong(TrafficResult::read).sum());
            }
            TcpTracker.unload(bpf.pins());
        }
    }

    @Test
    void unreleasedRecordsStayForTheNextReader() throws Exception {
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            // Given
            try (SocketSource other = OtherBuild.open(options(bpf))) {
                connect();
                awaitClosed(other);
            }

            // When
            Observation unreleased = new Observation(namespaces);
            try (TcpTracker tracker = TcpTracker.open(options(bpf))) {
                // The first records can come from other processes of the machine.
                patiently().until(() -> {
                    tracker.poll(10_000).records().forEach(unreleased::add);
                    return !unreleased.records().isEmpty();
                });
            }

            // Then
            Observation again = new Observation(namespaces);
            try (TcpTracker tracker = TcpTracker.open(options(bpf))) {
                again.drain(tracker);
            }
            assertThat(unreleased.records()).isNotEmpty();
            assertThat(again.records()).containsAll(unreleased.records());
            TcpTracker.unload(bpf.pins());
        }
    }

    @Test
    void countsAndRemovesRecordsThatItCannotRead() throws Exception {
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            // Given
            Path left = bpf.pins().resolve("v" + OtherBuild.VERSION);
            try (SocketSource other = OtherBuild.open(options(bpf))) {
                connect();
                awaitClosed(other);
            }
            Files.delete(left.resolve("layout"));

            // When
            try (TcpTracker tracker = TcpTracker.open(options(bpf))) {
                // Then
                assertThat(tracker.statistics().discarded()).isGreaterThanOrEqualTo(2 * CONNECTIONS - MISSABLE);
                assertThat(left).doesNotExist();
            }
            TcpTracker.unload(bpf.pins());
        }
    }

    @Test
    void doesNotTouchAnotherVersionThatIsInUse() throws Exception {
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            // Given
            try (SocketSource other = OtherBuild.open(options(bpf))) {
                assertThat(other.statistics().ring().capacity()).isPositive();

                // When / Then
                assertThatThrownBy(() -> TcpTracker.open(options(bpf)))
                        .isInstanceOf(BpfException.class)
                        .hasMessageContaining("v" + OtherBuild.VERSION)
                        .hasMessageContaining("another collector uses it");
                assertThatThrownBy(() -> TcpTracker.unload(bpf.pins()))
                        .isInstanceOf(BpfException.class)
                        .hasMessageContaining("another collector uses it");
            }
            TcpTracker.unload(bpf.pins());
            assertThat(bpf.pins()).doesNotExist();
        }
    }

    private static List<TrafficResult> connect() {
        long first = nextId;
        nextId += CONNECTIONS;
        client.connect(SERVER_IPV4, port, true, first, CONNECTIONS, 8, first, 20_000);
        return Patience.awaitClosed(List.of(client, server), first, CONNECTIONS);
    }

    private static void awaitClosed(SocketSource source) {
        patiently().until(() -> source.statistics().count(KernelStatistic.CLOSED) >= 2 * CONNECTIONS - MISSABLE);
        long[] before = {-1};
        patiently()
                .pollInterval(Duration.ofMillis(200))
                .until(() -> before[0] == (before[0] = source.statistics().count(KernelStatistic.CLOSED)));
    }
}
