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
 * Tests upgrades under traffic from other layout versions. Their compiled objects are test resources for amd64. They were
 * built from {@code bpf/src/main/bpf} of a commit with the pom of that commit, then {@code llvm-strip -g} and
 * {@code gzip -9n}.
 */
class UpgradeTest {
    /**
     * An earlier layout version.
     *
     * @param connections name of the map of open connections
     */
    private record Layout(int version, String connections, Map<String, Long> constants) {
        List<String> maps() {
            return List.of(connections, "listeners", "live", "events", "spill", "spill_seen", "fold", "statistics");
        }
    }

    private static final TcpTrackerOptions SIZES = TcpTrackerOptions.defaults();

    /** Stored the process and the role of connections in socket storage. Built from commit 6ec350c. */
    private static final Layout SOCKET_STORAGE =
            new Layout(2, "sockets", Map.of("open_ring_limit", SIZES.ringBytes() / 2L));

    /** Stored listeners by address and inode number of the network namespace. Object {@code tcp} of commit 1436810. */
    private static final Layout LISTENERS_BY_ADDRESS = new Layout(
            3,
            "connections",
            Map.of("ring_bytes", (long) SIZES.ringBytes(), "slot_mask", SlotTable.slots(SIZES.liveCapacity()) - 1L));

    private static final int HELD = 30;
    private static final int SHORT = 150;

    @Test
    void fromSocketStorageLosesAndDoublesNothing() throws Exception {
        losesAndDoublesNothing(SOCKET_STORAGE);
    }

    @Test
    void fromListenersByAddressLosesAndDoublesNothing() throws Exception {
        losesAndDoublesNothing(LISTENERS_BY_ADDRESS);
    }

    private static void losesAndDoublesNothing(Layout layout) throws Exception {
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
                load(layout, bpf.pins(), old);
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
                tracker.readLive(live -> {
                    if (live.connection().serverPort() == port) {
                        boolean atServer = live.connection().networkNamespace() == serverSide;
                        assertThat(live.owner().command()).isEqualTo(atServer ? "traffic-server" : "traffic-client");
                    }
                });
                assertThat(tracker.statistics().discarded()).isZero();
                assertThat(bpf.pins().resolve("v" + layout.version())).doesNotExist();
            }
            TcpTracker.unload(bpf.pins());
        }
    }

    private static void load(Layout layout, Path pins, Resources resources) throws Exception {
        byte[] elf;
        String name = "/layout-" + layout.version() + ".bpf.o.gz";
        try (InputStream object = Objects.requireNonNull(UpgradeTest.class.getResourceAsStream(name));
                GZIPInputStream unpacked = new GZIPInputStream(object)) {
            elf = unpacked.readAllBytes();
        }
        ObjectLoader loader = new ObjectLoader(pins, layout.version(), resources);
        BpfObject object = loader.load(new ObjectSettings(
                "natator",
                elf,
                layout.maps(),
                Map.of("events", SIZES.ringBytes(), "spill", SIZES.spillCapacity(), "fold", SIZES.foldCapacity()),
                layout.constants()));
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
