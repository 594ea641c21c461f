package io.natator.collector.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketRecord.Event;
import io.natator.collector.Sockets;
import io.natator.collector.owner.ContainerRef;
import io.natator.collector.owner.Owner;
import io.natator.collector.owner.OwnerName;
import io.natator.schemas.CloseReason;
import io.natator.schemas.ClusterName;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.NameKind;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SnapshotMapperTest {
    private static final ContainerRef CONTAINER =
            new ContainerRef("c".repeat(64), "4a0a7fd8-1f5e-4d7b-9a54-6a1b1c2d3e4f");
    private static final Owner OWNER = new Owner(CONTAINER, new OwnerName("shop-web-1", NameKind.CONTAINER));
    private static final Owner NOBODY = Owner.UNRESOLVED;

    private final SnapshotMapper mapper = mapper("node-1", "boot-1");

    private static SnapshotMapper mapper(String node, String bootId) {
        return new SnapshotMapper(
                new CollectingNode(new ClusterName("eu-1"), node), bootId, nanos -> Instant.ofEpochSecond(0, nanos));
    }

    @Test
    void mapsEveryField() {
        // Given
        var socket = new SocketRecord(
                Event.CLOSED,
                ConnectionId.ofCookie(17).startedAt(3_000),
                new SocketRecord.Connection(
                        6,
                        SocketRecord.Role.SERVER,
                        0x1234_5678_9abc_def0L,
                        new Endpoint(InetAddress.ofLiteral("fd00::1"), 8080),
                        new Endpoint(InetAddress.ofLiteral("::ffff:192.0.2.1"), 54_321),
                        4_026_531_841L),
                new SocketRecord.Owner(42, 1_234, "nginx"),
                Counters.builder()
                        .bytesSent(101)
                        .bytesAcked(100)
                        .bytesReceived(99)
                        .segmentsSent(12)
                        .segmentsReceived(11)
                        .retransmits(3)
                        .build(),
                SocketRecord.Quality.UNKNOWN.withSmoothedRttMicros(250).withMinRttMicros(200),
                new SocketRecord.Lifecycle(9_000, SocketRecord.CloseReason.RESET));
        // When
        ConnectionSnapshot snapshot = mapper.snapshot(socket, OWNER);
        // Then
        assertThat(mapper.key(socket)).isEqualTo(0x1234_5678_9abc_def0L);
        assertThat(snapshot)
                .isEqualTo(ConnectionSnapshot.newBuilder()
                        .setCluster("eu-1")
                        .setNode("node-1")
                        .setBootId("boot-1")
                        .setSocketCookie(17)
                        .setProtocol(Protocol.TCP)
                        .setRole(Role.SERVER)
                        .setState(ConnectionState.CLOSED)
                        .setCloseReason(CloseReason.RESET)
                        .setLocalAddress(
                                ByteBuffer.wrap(new byte[] {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}))
                        .setLocalPort(8080)
                        .setRemoteAddress(ByteBuffer.wrap(new byte[] {(byte) 192, 0, 2, 1}))
                        .setRemotePort(54_321)
                        .setNetworkNamespace(4_026_531_841L)
                        .setOwner(new SocketOwner(
                                1_234,
                                "nginx",
                                42L,
                                CONTAINER.containerId(),
                                CONTAINER.podUid(),
                                "shop-web-1",
                                NameKind.CONTAINER))
                        .setStartedAt(Instant.ofEpochSecond(0, 3_000))
                        .setObservedAt(Instant.ofEpochSecond(0, 9_000))
                        .setBytesSent(101)
                        .setBytesAcked(100)
                        .setBytesReceived(99)
                        .setSegmentsSent(12)
                        .setSegmentsReceived(11)
                        .setRetransmits(3)
                        .setSmoothedRttMicros(250)
                        .setMinRttMicros(200)
                        .setConnections(1)
                        .build());
        var serde = NatatorSerdes.connectionSnapshot();
        assertThat(serde.decode(serde.encode(snapshot))).isEqualTo(snapshot);
    }

    @ParameterizedTest
    @CsvSource({"OPENED,OPEN", "LIVE,OPEN", "CLOSED,CLOSED", "FAILED,FAILED", "FOLDED,FOLDED"})
    void namesTheState(Event event, ConnectionState state) {
        assertThat(mapper.snapshot(Sockets.socket(event, 1, 0), NOBODY).getState())
                .isEqualTo(state);
    }

    @ParameterizedTest
    @EnumSource(SocketRecord.CloseReason.class)
    void namesTheCloseReason(SocketRecord.CloseReason reason) {
        // Given
        SocketRecord socket = withReason(reason);
        // When
        ConnectionSnapshot snapshot = mapper.snapshot(socket, NOBODY);
        // Then
        assertThat(snapshot.getCloseReason().name()).isEqualTo(reason.name());
    }

    @Test
    void makesKeysWithoutAFingerprint() {
        // Given
        SocketRecord failed = Sockets.socket(Event.FAILED, 5, 0);
        // When
        List<Long> keys = List.of(
                mapper.key(failed),
                mapper.key(Sockets.socket(Event.FAILED, 6, 0)),
                mapper("node-2", "boot-1").key(failed),
                mapper("node-1", "boot-2").key(failed));
        // Then
        assertThat(keys).doesNotHaveDuplicates().doesNotContain(0L);
        assertThat(mapper("node-1", "boot-1").key(failed)).isEqualTo(keys.getFirst());
        // This value must never change: records of one connection would have different keys before and after an
        // upgrade.
        assertThat(keys.getFirst()).isEqualTo(-4847292635783852629L);
    }

    @Test
    void givesTheSameAddressPairOneKeyWhenFolded() {
        // Given
        SocketRecord folded = Sockets.socket(Event.FOLDED, 0, 10);
        SocketRecord later = Sockets.socket(Event.FOLDED, 9, 20);
        SocketRecord other = Sockets.socket(
                Event.FOLDED, 0, 10, new Endpoint(Sockets.CLIENT, 40_000), new Endpoint(Sockets.SERVER, 81));
        SocketRecord turned = Sockets.socket(
                Event.FOLDED, 0, 10, new Endpoint(Sockets.SERVER, 80), new Endpoint(Sockets.CLIENT, 40_000));
        // When
        long key = mapper.key(folded);
        // Then
        assertThat(mapper.key(later)).isEqualTo(key);
        assertThat(List.of(mapper.key(other), mapper.key(turned)))
                .doesNotContain(key)
                .doesNotHaveDuplicates();
    }

    @Test
    void givesEachFlowOfASocketAKeyOfItsOwn() {
        // Given
        SocketRecord flow =
                Sockets.flow(Event.LIVE, 5, 10, new Endpoint(Sockets.CLIENT, 40_000), new Endpoint(Sockets.SERVER, 53));
        // When
        List<Long> keys = List.of(
                mapper.key(flow),
                mapper.key(Sockets.flow(
                        Event.LIVE, 6, 10, new Endpoint(Sockets.CLIENT, 40_000), new Endpoint(Sockets.SERVER, 53))),
                mapper.key(Sockets.flow(
                        Event.LIVE, 5, 10, new Endpoint(Sockets.CLIENT, 40_000), new Endpoint(Sockets.SERVER, 54))),
                mapper.key(Sockets.flow(
                        Event.LIVE, 5, 10, new Endpoint(Sockets.CLIENT, 40_001), new Endpoint(Sockets.SERVER, 53))),
                mapper.key(Sockets.flow(
                        Event.LIVE, 5, 10, new Endpoint(Sockets.SERVER, 53), new Endpoint(Sockets.CLIENT, 40_000))),
                mapper.key(Sockets.socket(Event.FAILED, 5, 10)),
                mapper("node-1", "boot-2").key(flow));
        // Then
        assertThat(keys).doesNotHaveDuplicates().doesNotContain(0L);
        assertThat(mapper.key(Sockets.flow(
                        Event.CLOSED, 5, 99, new Endpoint(Sockets.CLIENT, 40_000), new Endpoint(Sockets.SERVER, 53))))
                .isEqualTo(keys.getFirst());
    }

    private static SocketRecord withReason(SocketRecord.CloseReason reason) {
        SocketRecord like = Sockets.closed(1, 0);
        return new SocketRecord(
                like.event(),
                like.id(),
                like.connection(),
                like.owner(),
                like.counters(),
                like.quality(),
                new SocketRecord.Lifecycle(like.lifecycle().observedNanos(), reason));
    }
}
