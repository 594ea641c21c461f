package io.natator.collector;

import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.BpfFileSystem;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that the collector works with exactly the capabilities that README.md lists, and no others. */
class CollectorPrivilegeTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final long BPF_AND_PERFMON = 1L << 39 | 1L << 38;

    @Test
    void collectsWithOnlyTwoCapabilities() throws Exception {
        try (TestBroker broker = new TestBroker();
                BpfFileSystem bpf = new BpfFileSystem();
                TestNetwork network = TestNetwork.create()) {
            // Given
            TrafficPeer client = network.start(network.client(), "traffic-client");
            TrafficPeer server = network.start(network.server(), "traffic-server");
            int port = server.listen(SERVER_IPV4, true);
            client.hold(SERVER_IPV4, port, true, 1, 3_000, 4_000);

            // When
            try (CollectorProcess collector = CollectorProcess.start(
                    CollectorProcess.withOnly(",+bpf,+perfmon"),
                    "--bootstrap-servers",
                    broker.bootstrapServers(),
                    "--http-address",
                    "127.0.0.1",
                    "--http-port",
                    "0",
                    "--snapshot-interval",
                    "500ms",
                    "--pin-directory",
                    bpf.pins().toString())) {
                client.connect(SERVER_IPV4, port, true, 2, 20, 2, 1, 1_000);

                // Then
                assertThat(capabilities(collector)).isEqualTo(BPF_AND_PERFMON);
                long namespace = TestNetwork.inode(network.client());
                await().atMost(PATIENCE).untilAsserted(() -> {
                    List<ConnectionSnapshot> seen = broker.connections("natator.").stream()
                            .map(TestBroker.Received::value)
                            .filter(snapshot -> snapshot.getNetworkNamespace() == namespace)
                            .toList();
                    assertThat(seen)
                            .filteredOn(snapshot -> snapshot.getState() == ConnectionState.CLOSED)
                            .hasSizeBetween(18, 20)
                            .allSatisfy(snapshot ->
                                    assertThat(snapshot.getOwner().getCommand()).isEqualTo("traffic-client"));
                    // This connection was opened before the start, and its socket belongs to a process in another
                    // network namespace.
                    assertThat(seen)
                            .filteredOn(snapshot -> snapshot.getState() == ConnectionState.OPEN)
                            .anySatisfy(snapshot -> {
                                assertThat(snapshot.getBytesReceived()).isEqualTo(4_000);
                                assertThat(snapshot.getOwner().getCommand()).isEqualTo("traffic-client");
                            });
                });
                assertThat(collector.terminate()).isZero();
            }
        }
    }

    private static long capabilities(CollectorProcess process) throws Exception {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("CapPrm:"))
                .mapToLong(line -> Long.parseUnsignedLong(
                        line.substring("CapPrm:".length()).strip(), 16))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"',+bpf', CAP_PERFMON", "',+perfmon', CAP_BPF", "'', CAP_BPF and CAP_PERFMON"})
    void namesTheCapabilityThatIsMissing(String given, String missing) throws Exception {
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            // When
            CollectorProcess refused = CollectorProcess.run(
                    CollectorProcess.withOnly(given),
                    "--http-address",
                    "127.0.0.1",
                    "--http-port",
                    "0",
                    "--pin-directory",
                    bpf.pins().toString());

            // Then
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.output())
                    .singleElement()
                    .asString()
                    .startsWith("collector: BPF programs not loaded: the process lacks " + missing + ": ");
        }
    }
}
