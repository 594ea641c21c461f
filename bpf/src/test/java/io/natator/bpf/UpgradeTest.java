package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Tests an upgrade under traffic from layout version 2. That version stored the process and the role of connections in
 * socket storage. Its compiled object is a test resource for amd64. It was built from {@code bpf/src/main/bpf} of
 * commit 6ec350c with the pom of that commit, then {@code llvm-strip -g} and {@code gzip -9n}.
 */
class UpgradeTest {
    private static final int LAYOUT = 2;
    private static final List<String> MAPS =
            List.of("sockets", "listeners", "live", "events", "spill", "spill_seen", "fold", "statistics");
    private static final int HELD = 30;
    private static final int SHORT = 150;

    @Test
    void losesAndDoublesNothing() throws Exception {
        assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");
        try (BpfFileSystem bpf = new BpfFileSystem();
                TestNetwork network = TestNetwork.create()) {
            // Given: connections that the old version has seen, some of which close while no collector reads
            TrafficPeer client = network.start(network.client(), "traffic-client");
            TrafficPeer server = network.start(network.server(), "traffic-server");
            long clientSide = TestNetwork.inode(network.client());
            long serverSide = TestNetwork.inode(network.server());
            int port = server.listen(SERVER_IPV4, true);
            try (Resources old = new Resources()) {
                load(bpf.pins(), old);
                for (int id = 0; id < HELD; id++) {
                    client.hold(SERVER_IPV4, port, true, id, 1 + 777 * id, 1 + 333 * id);
                }
                client.connect(SERVER_IPV4, port, true, 1_000, SHORT, 8, 41, 20_000);
            }
            client.connect(SERVER_IPV4, port, true, 2_000, SHORT, 8, 42, 20_000);
            for (int id = 0; id < HELD / 3; id++) {
                client.drop(id);
            }

            // When
            CompletableFuture<Void> traffic = CompletableFuture.runAsync(
                    () -> client.connect(SERVER_IPV4, port, true, 3_000, 4 * SHORT, 8, 43, 20_000));
            try (TcpTracker tracker =
                    TcpTracker.open(TcpTrackerOptions.defaults().withPinDirectory(bpf.pins()))) {
                traffic.get();
                for (int id = HELD / 3; id < HELD; id++) {
                    client.sendMore(id, 1 + id);
                }
                for (int id = HELD / 3; id < 2 * HELD / 3; id++) {
                    client.drop(id);
                }

                // Then
                Observation observed = new Observation(Set.of(clientSide, serverSide));
                int closed = 2 * (6 * SHORT + 2 * HELD / 3);
                patiently().untilAsserted(() -> {
                    observed.drain(tracker);
                    assertThat(exact(observed, clientSide, client) + exact(observed, serverSide, server))
                            .isBetween((long) closed - missable(closed), (long) closed);
                });
                assertThat(closes(observed))
                        .allSatisfy((end, counts) -> assertThat(counts).as(end).hasSize(1));
                assertThat(closes(observed)).hasSizeBetween(closed - missable(closed), closed);
                assertThat(observed.records(Event.FOLDED)).isEmpty();
                patiently()
                        .untilAsserted(() -> assertThat(
                                        alive(tracker, clientSide, client) + alive(tracker, serverSide, server))
                                .isEqualTo(2L * HELD / 3));
                assertThat(tracker.statistics().discarded()).isZero();
                assertThat(bpf.pins().resolve("v" + LAYOUT)).doesNotExist();
            }
            TcpTracker.unload(bpf.pins());
        }
    }

    private static void load(Path pins, Resources resources) throws Exception {
        byte[] elf;
        try (InputStream object = Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("/layout-2.bpf.o.gz"));
                GZIPInputStream unpacked = new GZIPInputStream(object)) {
            elf = unpacked.readAllBytes();
        }
        TcpTrackerOptions sizes = TcpTrackerOptions.defaults();
        ObjectLoader loader = new ObjectLoader(pins, LAYOUT, resources);
        BpfObject object = loader.load(new ObjectSettings(
                "natator",
                elf,
                MAPS,
                Map.of("events", sizes.ringBytes(), "spill", sizes.spillCapacity(), "fold", sizes.foldCapacity()),
                Map.of("open_ring_limit", sizes.ringBytes() / 2L)));
        for (String program : List.of("tcp_state_one", "tcp_state_two")) {
            loader.addLink(object.attach(program), program);
        }
    }

    private static Stream<TrafficResult> results(TrafficPeer... peers) {
        return Stream.of(peers).flatMap(peer -> peer.results().stream());
    }

    private static boolean matches(SocketRecord record, TrafficResult end) {
        return record.counters().bytesSent() == end.written()
                && record.counters().bytesReceived() == end.read();
    }

    private static long exact(Observation observed, long side, TrafficPeer... peers) {
        return results(peers)
                .filter(TrafficResult::closed)
                .filter(end -> observed.close(end, side)
                        .filter(close -> matches(close, end))
                        .isPresent())
                .count();
    }

    private static long alive(SocketSource source, long side, TrafficPeer peer) {
        return results(peer)
                .filter(end -> !end.closed())
                .filter(end -> Observation.live(source, end, side)
                        .filter(live -> matches(live, end))
                        .isPresent())
                .count();
    }

    /**
     * Returns the byte counts of the closes of each end. It is possible that both versions report a close, but their
     * byte counts must be the same.
     */
    private static Map<String, Set<List<Long>>> closes(Observation observed) {
        return observed.records(Event.CLOSED)
                .collect(Collectors.groupingBy(
                        close -> close.connection().fingerprint() + " at "
                                + close.connection().networkNamespace(),
                        Collectors.mapping(
                                close -> List.of(
                                        close.counters().bytesSent(),
                                        close.counters().bytesReceived()),
                                Collectors.toSet())));
    }
}
