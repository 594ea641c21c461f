package io.natator.bpf;

import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.SocketProcess;
import io.natator.bpf.traffic.TestNetwork;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests more listeners than the kernel side can store. */
class ListenerCapacityTest {
    private static final int CAPACITY = 256;

    private static final int ABOVE = 50;

    @Test
    void listenersAboveCapacityAreCountedAndUnknownUntilOthersClose() {
        try (TestNetwork network = TestNetwork.create();
                TcpTracker tracker =
                        TcpTracker.open(TcpTrackerOptions.defaults().withLiveCapacity(4 * CAPACITY))) {
            // Given
            SocketProcess client = network.startSockets(network.client(), "client");
            SocketProcess server = network.startSockets(network.server(), "server");
            SocketProcess busy = network.startSockets(network.server(), "busy");
            Observation observed = new Observation(Set.of(TestNetwork.inode(network.server())));

            // When
            busy.keepListeners(CAPACITY + ABOVE);
            int above = accept(client, server, 0);

            // Then
            assertThat(tracker.statistics().count(KernelStatistic.LISTENERS_SKIPPED))
                    .isGreaterThanOrEqualTo(ABOVE + 1);
            assertThat(opened(tracker, observed, above).owner())
                    .extracting(SocketRecord.Owner::pid, SocketRecord.Owner::command)
                    .containsExactly(0, "");

            // When
            busy.close();
            int below = accept(client, server, above + 1);

            // Then
            assertThat(opened(tracker, observed, below).owner().pid()).isEqualTo((int) server.pid());
        }
    }

    /** Listens on a port, and accepts a connection. Returns the port. */
    private static int accept(SocketProcess client, SocketProcess server, int port) {
        int listener = server.socket(true);
        int bound = port == 0 ? server.bind(listener, SERVER_IPV4) : server.bind(listener, SERVER_IPV4, port);
        server.listen(listener);
        client.connect(client.socket(true), SERVER_IPV4, bound);
        server.accept(listener);
        return bound;
    }

    private static SocketRecord opened(TcpTracker tracker, Observation observed, int port) {
        return patiently()
                .until(
                        () -> {
                            observed.drain(tracker);
                            return observed.records(Event.OPENED)
                                    .filter(open -> open.connection().role() == Role.SERVER)
                                    .filter(open -> open.connection().local().port() == port)
                                    .findFirst();
                        },
                        Optional::isPresent)
                .orElseThrow();
    }
}
