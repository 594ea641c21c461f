package io.natator.bpf;

import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests more simultaneous connections than the kernel side can track: their closes are exact nevertheless. */
class LiveCapacityTest {
    private static final int CAPACITY = 8;
    private static final int CONNECTIONS = 60;
    private static final int MISSABLE = Patience.missable(2 * CONNECTIONS);

    @Test
    void connectionsAboveCapacityAreCountedAndExactAtTheirClose() {
        try (TestNetwork network = TestNetwork.create();
                TcpTracker tracker =
                        TcpTracker.open(TcpTrackerOptions.defaults().withLiveCapacity(CAPACITY))) {
            // Given
            TrafficPeer client = network.start(network.client(), "traffic-client");
            TrafficPeer server = network.start(network.server(), "traffic-server");
            long clientSide = TestNetwork.inode(network.client());
            long serverSide = TestNetwork.inode(network.server());
            int port = server.listen(SERVER_IPV4, true);
            for (int id = 0; id < CONNECTIONS; id++) {
                client.hold(SERVER_IPV4, port, true, id, 1 + 777 * id, 1 + 333 * id);
            }

            // When
            List<SocketRecord> live = new ArrayList<>();
            tracker.readLive(live::add);
            long skipped = tracker.statistics().count(KernelStatistic.LIVE_SKIPPED);
            for (int id = 0; id < CONNECTIONS; id++) {
                client.drop(id);
            }

            // Then
            assertThat(live).hasSizeLessThanOrEqualTo(CAPACITY);
            assertThat(skipped).isGreaterThanOrEqualTo(2L * CONNECTIONS - SlotTable.slots(CAPACITY) - MISSABLE);
            Observation observed = new Observation(Set.of(clientSide, serverSide));
            patiently().untilAsserted(() -> {
                observed.drain(tracker);
                assertThat(observed.records(Event.CLOSED)).hasSizeGreaterThanOrEqualTo(2 * CONNECTIONS - MISSABLE);
            });
            assertThat(observed.records(Event.CLOSED)).hasSizeLessThanOrEqualTo(2 * CONNECTIONS);
            assertThat(exact(observed, client, clientSide, Role.CLIENT)
                            + exact(observed, server, serverSide, Role.SERVER))
                    .isEqualTo(observed.records(Event.CLOSED).count());
        }
    }

    @Test
    void closesAboveCapacityAreFoldedOnce() {
        int connections = 400;
        try (TestNetwork network = TestNetwork.create();
                TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults()
                        .withLiveCapacity(1)
                        .withRingBytes(4096)
                        .withSpillCapacity(1))) {
            // Given
            TrafficPeer client = network.start(network.client(), "traffic-client");
            TrafficPeer server = network.start(network.server(), "traffic-server");
            int port = server.listen(SERVER_IPV4, true);
            int ends = 2 * connections;

            // When
            client.connect(SERVER_IPV4, port, true, 0, connections, 8, 31, 20_000);

            // Then
            List<TrafficResult> counted = patiently()
                    .until(
                            () -> Stream.of(client, server)
                                    .flatMap(peer -> peer.results().stream())
                                    .filter(TrafficResult::closed)
                                    .toList(),
                            closed -> closed.size() == ends);
            patiently()
                    .until(() -> tracker.statistics().count(KernelStatistic.CLOSED) >= ends - Patience.missable(ends));
            Observation observed =
                    new Observation(Set.of(TestNetwork.inode(network.client()), TestNetwork.inode(network.server())));
            patiently().untilAsserted(() -> {
                observed.drain(tracker);
                assertThat(sum(ended(observed), record -> record.counters().connections()))
                        .isBetween((long) ends - Patience.missable(ends), (long) ends);
            });
            assertThat(observed.records(Event.FOLDED)).isNotEmpty();
            if (sum(ended(observed), record -> record.counters().connections()) == ends) {
                assertThat(sum(ended(observed), record -> record.counters().bytesSent()))
                        .isEqualTo(sum(counted, TrafficResult::written));
                assertThat(sum(ended(observed), record -> record.counters().bytesReceived()))
                        .isEqualTo(sum(counted, TrafficResult::read));
            }
        }
    }

    @Test
    void sumOfSeveralProcessesHasNoProcess() {
        try (TestNetwork network = TestNetwork.create();
                TcpTracker tracker = TcpTracker.open(
                        TcpTrackerOptions.defaults().withRingBytes(4096).withSpillCapacity(1))) {
            // Given
            TrafficPeer one = network.start(network.client(), "traffic-one");
            TrafficPeer other = network.start(network.client(), "traffic-other");
            TrafficPeer server = network.start(network.server(), "traffic-server");
            int port = server.listen(SERVER_IPV4, true);

            // When
            one.connect(SERVER_IPV4, port, true, 0, 100, 4, 5, 100);
            other.connect(SERVER_IPV4, port, true, 100, 100, 4, 6, 100);

            // Then
            Observation observed =
                    new Observation(Set.of(TestNetwork.inode(network.client()), TestNetwork.inode(network.server())));
            patiently().untilAsserted(() -> {
                observed.drain(tracker);
                assertThat(sum(ended(observed), record -> record.counters().connections()))
                        .isGreaterThanOrEqualTo(400L - Patience.missable(400));
            });
            assertThat(observed.records(Event.FOLDED)).isNotEmpty().allSatisfy(sum -> {
                boolean atServer = sum.connection().role() == Role.SERVER;
                assertThat(sum.owner().pid()).isEqualTo(atServer ? (int) server.pid() : 0);
                assertThat(sum.owner().command()).isEqualTo(atServer ? "traffic-server" : "");
            });
        }
    }

    /** Returns the closes that were reported individually, and the latest record of each sum. */
    private static List<SocketRecord> ended(Observation observed) {
        Map<Role, SocketRecord> sums = new HashMap<>();
        observed.records(Event.FOLDED).forEach(sum -> sums.put(sum.connection().role(), sum));
        return Stream.concat(observed.records(Event.CLOSED), sums.values().stream())
                .toList();
    }

    private static <T> long sum(List<T> of, ToLongFunction<T> figure) {
        return of.stream().mapToLong(figure).sum();
    }

    private static long exact(Observation observed, TrafficPeer peer, long side, Role role) {
        return peer.results().stream()
                .flatMap(end -> observed.close(end, side).filter(close -> matches(close, end, role)).stream())
                .count();
    }

    private static boolean matches(SocketRecord close, TrafficResult end, Role role) {
        return close.counters().bytesSent() == end.written()
                && close.counters().bytesReceived() == end.read()
                && close.connection().role() == role
                && close.connection().fingerprint() != 0;
    }
}
