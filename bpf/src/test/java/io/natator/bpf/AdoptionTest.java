package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV6;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests that connections that were open before the programs were attached are reported with all their bytes. */
class AdoptionTest {
    private static final int EACH = 10;

    @Test
    void adoptsOpenConnectionsWithRoleAndProcessAndCountsThemExactly() {
        adopts(() -> TcpTracker.open(TcpTrackerOptions.defaults()));
    }

    @Test
    void adoptsThroughProbesWithoutTypedPointers() {
        byte[] probing = CompiledObject.read(CompiledObject.TCP);
        adopts(() -> TcpTracker.open(TcpTrackerOptions.defaults(), probing, RecordLayout.VERSION));
    }

    private static void adopts(Supplier<TcpTracker> opening) {
        // Given
        try (TestNetwork network = TestNetwork.create()) {
            TrafficPeer client = network.start(network.client(), "adopt-client");
            TrafficPeer server = network.start(network.server(), "adopt-server");
            long clientSide = TestNetwork.inode(network.client());
            long serverSide = TestNetwork.inode(network.server());
            int ipv4 = server.listen(SERVER_IPV4, true);
            int ipv6 = server.listen(SERVER_IPV6, false);
            int mapped = server.listen("::", false);
            int silent = server.listenWithoutAccepting(SERVER_IPV4, true);
            for (int index = 0; index < EACH; index++) {
                client.hold(SERVER_IPV4, ipv4, true, 100 + index, 1 + 777 * index, 1 + 3_333 * index);
                client.hold(SERVER_IPV6, ipv6, false, 200 + index, 1 + 3_333 * index, 1 + 777 * index);
                client.hold(SERVER_IPV4, mapped, false, 300 + index, 10, 20);
                client.holdUnread(SERVER_IPV4, silent, true, 400 + index, 50);
            }

            // When
            try (TcpTracker tracker = opening.get()) {
                Observation observed = new Observation(Set.of(clientSide, serverSide));
                observed.drain(tracker);

                // Then
                assertThat(observed.records(Event.OPENED)
                                .filter(open -> open.connection().role() == Role.CLIENT))
                        .hasSize(4 * EACH)
                        .allSatisfy(open -> {
                            assertThat(open.connection().networkNamespace()).isEqualTo(clientSide);
                            assertThat(open.owner().pid()).isEqualTo((int) client.pid());
                            assertThat(open.owner().command()).isEqualTo("adopt-client");
                        });
                assertThat(observed.records(Event.OPENED)
                                .filter(open -> open.connection().role() == Role.SERVER))
                        .hasSize(4 * EACH)
                        .allSatisfy(open -> {
                            assertThat(open.connection().networkNamespace()).isEqualTo(serverSide);
                            assertThat(open.owner().pid()).isEqualTo((int) server.pid());
                            assertThat(open.owner().command()).isEqualTo("adopt-server");
                        });
                assertThat(observed.records()).hasSize(8 * EACH);
                assertThat(fingerprints(observed, Role.CLIENT)).isEqualTo(fingerprints(observed, Role.SERVER));

                // And their bytes are exact, both while the connections are open and when they close
                client.sendMore(203, 12_345);
                patiently().untilAsserted(() -> {
                    TrafficResult end = result(client, 203);
                    SocketRecord live =
                            Observation.live(tracker, end, clientSide).orElseThrow();
                    assertThat(live.counters().bytesAcked()).isEqualTo(end.written());
                    assertThat(live.counters().bytesReceived()).isEqualTo(end.read());
                });
                for (int index = 0; index < EACH; index++) {
                    client.drop(100 + index);
                    client.drop(200 + index);
                    client.drop(300 + index);
                }
                int closes = 2 * 3 * EACH;
                patiently().untilAsserted(() -> {
                    observed.drain(tracker);
                    assertThat(observed.records(Event.CLOSED).count())
                            .isBetween((long) closes - missable(closes), (long) closes);
                });
                long exact = Stream.concat(
                                client.results().stream()
                                        .flatMap(end -> observed.close(end, clientSide).stream()
                                                .filter(close -> matches(close, end))),
                                server.results().stream()
                                        .flatMap(end -> observed.close(end, serverSide).stream()
                                                .filter(close -> matches(close, end))))
                        .count();
                assertThat(exact).isEqualTo(observed.records(Event.CLOSED).count());
            }
        }
    }

    private static boolean matches(SocketRecord close, TrafficResult end) {
        return close.counters().bytesSent() == end.written() && close.counters().bytesReceived() == end.read();
    }

    private static TrafficResult result(TrafficPeer peer, long id) {
        return peer.results().stream()
                .filter(result -> result.id() == id)
                .findFirst()
                .orElseThrow();
    }

    private static List<Long> fingerprints(Observation observed, Role role) {
        Map<Long, Integer> counted = new HashMap<>();
        observed.records(Event.OPENED)
                .filter(open -> open.connection().role() == role)
                .forEach(open -> counted.merge(open.connection().fingerprint(), 1, Integer::sum));
        assertThat(counted.values()).containsOnly(1);
        return counted.keySet().stream().sorted().toList();
    }
}
