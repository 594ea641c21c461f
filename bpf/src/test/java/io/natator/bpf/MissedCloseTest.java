package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.traffic.SocketProcess;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tests that the slot of a connection and its entry in the map {@code live} are freed later if the programs miss its
 * close.
 */
class MissedCloseTest {
    private static final int CONNECTIONS = 100;

    @Test
    void freesTheSlotOfAMissedCloseWhenItsSocketIsReused() throws Exception {
        try (BpfFileSystem bpf = new BpfFileSystem();
                TestNetwork network = TestNetwork.create()) {
            // Given
            Path pins = bpf.pins().resolve("v" + RecordLayout.VERSION);
            TcpTrackerOptions options = TcpTrackerOptions.defaults().withPinDirectory(bpf.pins());
            TrafficPeer client = network.start(network.client(), "traffic-client");
            TrafficPeer server = network.start(network.server(), "traffic-server");
            int port = server.listen(SERVER_IPV4, true);
            try (TcpTracker tracker = TcpTracker.open(options)) {
                hold(client, port, 0);
                tracker.readLive(live -> {});
                assertThat(live(pins)).hasSizeGreaterThanOrEqualTo(2 * CONNECTIONS - missable(2 * CONNECTIONS));
            }
            detach(pins);
            for (int id = 0; id < CONNECTIONS; id++) {
                client.drop(id);
            }
            patiently().until(() -> ends(client, server, CONNECTIONS).allMatch(TrafficResult::closed));

            try (TcpTracker tracker = TcpTracker.open(options)) {
                // When
                hold(client, port, CONNECTIONS);
                Set<Long> read = new HashSet<>();
                tracker.readLive(live -> read.add(live.id().cookie()));

                // Then
                assertThat(read).hasSizeGreaterThanOrEqualTo(2 * CONNECTIONS - missable(2 * CONNECTIONS));
                patiently().untilAsserted(() -> {
                    tracker.readLive(live -> read.add(live.id().cookie()));
                    assertThat(read).containsAll(live(pins));
                });
            }
            TcpTracker.unload(bpf.pins());
        }
    }

    @Test
    void listenerWhoseCloseWasMissedNamesNobody() throws Exception {
        try (BpfFileSystem bpf = new BpfFileSystem();
                TestNetwork network = TestNetwork.create()) {
            // Given
            TcpTrackerOptions options = TcpTrackerOptions.defaults().withPinDirectory(bpf.pins());
            SocketProcess client = network.startSockets(network.client(), "client");
            int port;
            try (TcpTracker tracker = TcpTracker.open(options);
                    SocketProcess old = network.startSockets(network.server(), "old-owner")) {
                port = listen(old, network.unusedPort());
                assertThat(tracker.statistics().ring().capacity()).isPositive();
                detach(bpf.pins().resolve("v" + RecordLayout.VERSION));
            }

            // When
            SocketProcess server = network.startSockets(network.server(), "new-owner");
            listen(server, port);
            client.connect(client.socket(true), SERVER_IPV4, port);

            // Then: the connection, which waits for accept(2), has the process of the open listener
            try (TcpTracker tracker = TcpTracker.open(options)) {
                Observation observed = new Observation(Set.of(TestNetwork.inode(network.server())));
                patiently().untilAsserted(() -> {
                    observed.drain(tracker);
                    assertThat(observed.records()).isNotEmpty();
                });
                assertThat(observed.records())
                        .extracting(record -> record.owner().pid())
                        .containsOnly((int) server.pid());
            }
            TcpTracker.unload(bpf.pins());
        }
    }

    private static int listen(SocketProcess process, int port) {
        int listener = process.socket(true);
        process.bind(listener, SERVER_IPV4, port);
        process.listen(listener);
        return port;
    }

    private static void hold(TrafficPeer client, int port, int firstId) {
        for (int id = firstId; id < firstId + CONNECTIONS; id++) {
            client.hold(SERVER_IPV4, port, true, id, 10, 10);
        }
    }

    private static Stream<TrafficResult> ends(TrafficPeer client, TrafficPeer server, int below) {
        return Stream.of(client, server)
                .flatMap(peer -> peer.results().stream())
                .filter(end -> end.id() < below);
    }

    private static void detach(Path pins) throws IOException {
        for (String program : List.of("tcp_state_one", "tcp_state_two")) {
            Files.delete(pins.resolve(program));
        }
    }

    /** Returns the socket cookies of the entries in the map {@code live}. */
    private static Set<Long> live(Path pins) {
        Set<Long> cookies = new HashSet<>();
        try (BpfMap live = BpfMap.openPinned(pins.resolve("live"))) {
            live.forEach((cookie, record) -> cookies.add(cookie.get(ValueLayout.JAVA_LONG, 0)));
        }
        return cookies;
    }
}
