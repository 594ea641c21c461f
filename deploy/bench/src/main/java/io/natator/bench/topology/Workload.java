package io.natator.bench.topology;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Hashes;
import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The snapshots that a cluster's collectors would write. In each pass, every 5 s, both ends of every live connection
 * are reported. A connection lives for ten passes and is then replaced by another connection. Each snapshot is computed
 * from its index.
 *
 * @param live number of live connections at any time
 * @param links number of links (pairs of workloads) to which the connections belong
 * @param passes number of passes
 * @param end time of the last pass
 */
record Workload(int live, int links, int passes, Instant end) {
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int LIFE = 10;
    private static final int WORKLOADS = 100;
    private static final int REPLICAS = 5;
    private static final int PODS = WORKLOADS * REPLICAS;
    private static final int NODES = 50;
    private static final int FIRST_PORT = 10_000;
    private static final int PORTS = 50_000;
    private static final int SERVER_PORT = 8080;

    private static final List<Pod> ALL_PODS =
            java.util.stream.IntStream.range(0, PODS).mapToObj(Pod::of).toList();

    /** One of the cluster's pods. */
    record Pod(String uid, String containerId, String node, String workload, String name, ByteBuffer address) {
        private static Pod of(int number) {
            String workload = "workload-" + number / REPLICAS;
            return new Pod(
                    new UUID(0x5eed_0000_0000_4000L + number, 0x8000_0000_0000_0000L + number).toString(),
                    "%064x".formatted(number),
                    "node-" + number % NODES,
                    workload,
                    workload + "-" + number % REPLICAS,
                    ByteBuffer.wrap(new byte[] {10, 1, (byte) (number >> 8), (byte) number}));
        }

        private Identity identity() {
            return Identity.newBuilder()
                    .setKind("Pod")
                    .setNamespace("default")
                    .setName(name)
                    .setWorkload(new ObjectRef("Deployment", "default", workload))
                    .setZone("zone-a")
                    .build();
        }

        /** The record in the topic of identities that names this pod as the owner of its address. */
        AddressOwners owners() {
            return new AddressOwners(List.of(new Ownership(identity(), Instant.EPOCH, null)), null);
        }

        /** The record in the topic of identities with the pod's identity. */
        Identity self() {
            return identity();
        }
    }

    static List<Pod> pods() {
        return ALL_PODS;
    }

    long snapshots() {
        return 2L * live * passes;
    }

    /** The fingerprint of a snapshot's connection, which is the key of the record in Kafka. */
    long fingerprint(long index) {
        long connection = index / 2 % live;
        return Hashes.mix(connection * 1_000_003 + generation(pass(index), connection));
    }

    ConnectionSnapshot snapshot(long index) {
        int pass = pass(index);
        long connection = index / 2 % live;
        boolean client = index % 2 == 0;
        int link = (int) (connection % links);
        Pod from = pod(link, connection);
        Pod to = pod(link / WORKLOADS + link + 1, connection);
        Pod self = client ? from : to;
        long age = (pass + connection) % LIFE;
        Instant observed = end.minus(INTERVAL.multipliedBy(passes - 1L - pass));
        long sent = (age + 1) * 1_000 + connection % 100;
        boolean ends = age == LIFE - 1;
        int port = FIRST_PORT + (int) (connection / links % PORTS);
        return ConnectionSnapshot.newBuilder()
                .setNode(self.node())
                .setBootId("boot-of-" + self.node())
                .setSocketCookie(fingerprint(index) >>> 1)
                .setProtocol(Protocol.TCP)
                .setRole(client ? Role.CLIENT : Role.SERVER)
                .setState(ends ? ConnectionState.CLOSED : ConnectionState.OPEN)
                .setCloseReason(ends ? CloseReason.FIN : CloseReason.NONE)
                .setLocalAddress(self.address().duplicate())
                .setLocalPort(client ? port : SERVER_PORT)
                .setRemoteAddress((client ? to : from).address().duplicate())
                .setRemotePort(client ? SERVER_PORT : port)
                .setOwner(SocketOwner.newBuilder()
                        .setPid(1_000 + link)
                        .setCommand(client ? "client" : "server")
                        .setPodUid(self.uid())
                        .setContainerId(self.containerId())
                        .build())
                .setStartedAt(observed.minus(INTERVAL.multipliedBy(age + 1)))
                .setObservedAt(observed)
                .setBytesSent(client ? sent : 3 * sent)
                .setBytesAcked(client ? sent : 3 * sent)
                .setBytesReceived(client ? 3 * sent : sent)
                .setSegmentsSent(age + 1)
                .setSegmentsReceived(age + 1)
                .setSmoothedRttMicros(300 + connection % 5_000)
                .setMinRttMicros(200)
                .build();
    }

    private int pass(long index) {
        return (int) (index / (2L * live));
    }

    private static long generation(long pass, long connection) {
        return (pass + connection) / LIFE - connection / LIFE;
    }

    private static Pod pod(int workload, long connection) {
        return ALL_PODS.get(workload % WORKLOADS * REPLICAS + (int) (connection / 7 % REPLICAS));
    }
}
