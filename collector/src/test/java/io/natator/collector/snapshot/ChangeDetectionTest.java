package io.natator.collector.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord;
import io.natator.collector.Sockets;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ChangeDetectionTest {
    private static final long HEARTBEAT = 60;

    private final ChangeDetection changes = new ChangeDetection(HEARTBEAT);

    /** Runs a snapshot as the collector does, and returns the records that it sends. */
    private List<SocketRecord> pass(long now, SocketRecord... live) {
        changes.beginSnapshot();
        List<SocketRecord> due = java.util.Arrays.stream(live)
                .filter(socket -> changes.isDue(socket.id(), socket.counters(), now))
                .peek(socket -> changes.onSent(socket, now))
                .toList();
        changes.endSnapshot();
        return due;
    }

    @Test
    void connectionIsNewUntilItIsSent() {
        SocketRecord live = Sockets.live(1, 10);
        assertThat(changes.isNew(live.id())).isTrue();

        pass(0, live);
        assertThat(changes.isNew(live.id())).isFalse();

        changes.onUnsent(live.id());
        assertThat(changes.isNew(live.id())).isTrue();
    }

    @Test
    void sendsOnlyChangedConnections() {
        // Given
        pass(0, Sockets.live(1, 10), Sockets.live(2, 10));
        // When
        List<SocketRecord> sent = pass(5, Sockets.live(1, 10), Sockets.live(2, 11), Sockets.live(3, 0));
        // Then
        assertThat(sent).containsExactly(Sockets.live(2, 11), Sockets.live(3, 0));
    }

    @Test
    void sendsAQuietConnectionOncePerHeartbeatAndNotAllAtOnce() {
        // Given
        SocketRecord[] live = LongStream.range(0, 600)
                .mapToObj(cookie -> Sockets.live(cookie, 10))
                .toArray(SocketRecord[]::new);
        pass(0, live);
        // When
        List<List<SocketRecord>> passes = LongStream.rangeClosed(1, 2 * HEARTBEAT)
                .mapToObj(now -> pass(now, live))
                .toList();
        // Then
        assertThat(passes).allSatisfy(sent -> assertThat(sent).hasSizeLessThan(20));
        for (int heartbeat = 0; heartbeat < 2; heartbeat++) {
            assertThat(passes.subList((int) HEARTBEAT * heartbeat, (int) HEARTBEAT * (heartbeat + 1)).stream()
                            .flatMap(List::stream))
                    .containsExactlyInAnyOrder(live);
        }
    }

    @Test
    void countsAnOpenAsTheFirstSnapshot() {
        // Given
        SocketRecord opened = Sockets.opened(1);
        changes.onOpened(opened, 0);
        // When
        List<SocketRecord> sent = pass(1, Sockets.socket(SocketRecord.Event.LIVE, 1, 0));
        // Then
        assertThat(sent).isEmpty();
    }

    @Test
    void retriesWhatDidNotArrive() {
        // Given
        pass(0, Sockets.live(1, 10));
        changes.onUnsent(Sockets.live(1, 10).id());
        // When
        List<SocketRecord> sent = pass(1, Sockets.live(1, 10));
        // Then
        assertThat(sent).hasSize(1);
    }

    @Test
    void storesOnlyLiveConnections() {
        // Given
        changes.onOpened(Sockets.opened(1), 0);
        changes.onOpened(Sockets.opened(2), 0);
        pass(0, Sockets.live(1, 0), Sockets.live(2, 0), Sockets.live(3, 0), Sockets.live(4, 0));
        // When
        changes.onEnded(Sockets.closed(1, 9).id());
        pass(1, Sockets.live(2, 0), Sockets.live(3, 0));
        // Then
        assertThat(changes.size()).isEqualTo(2);
    }
}
