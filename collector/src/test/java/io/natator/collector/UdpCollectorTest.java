package io.natator.collector;

import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.BpfFileSystem;
import io.natator.bpf.traffic.DatagramProcess;
import io.natator.bpf.traffic.DatagramProcess.Counters;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.collector.owner.CgroupMount;
import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that UDP flows get from a real kernel through the collector, which runs as a process, into a topic of a real
 * broker.
 */
class UdpCollectorTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static TestBroker broker;
    private static TestNetwork network;
    private static long clientNamespace;
    private static long serverNamespace;

    private final String prefix = "t" + UUID.randomUUID() + ".";
    private BpfFileSystem bpf;
    private DatagramProcess client;
    private DatagramProcess server;
    private int listening;
    private int port;

    @BeforeAll
    static void startBrokerAndNetwork() throws Exception {
        broker = new TestBroker();
        network = TestNetwork.create();
        clientNamespace = TestNetwork.inode(network.client());
        serverNamespace = TestNetwork.inode(network.server());
    }

    @AfterAll
    static void stopBrokerAndNetwork() throws Exception {
        network.close();
        broker.close();
    }

    @BeforeEach
    void start() throws Exception {
        bpf = new BpfFileSystem();
        client = network.startDatagrams(network.client(), "udp-client");
        server = network.startDatagrams(network.server(), "udp-server");
        listening = server.socket(true);
        port = server.bind(listening, "0.0.0.0");
        server.serve(listening);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
        CollectorProcess unload = CollectorProcess.run(
                List.of(), "unload", "--pin-directory", bpf.pins().toString());
        assertThat(unload.exitCode()).isZero();
        assertThat(bpf.pins()).doesNotExist();
        bpf.close();
    }

    private String[] options(String... more) {
        return Stream.concat(
                        Stream.of(
                                "--bootstrap-servers",
                                broker.bootstrapServers(),
                                "--topic-prefix",
                                prefix,
                                "--partitions",
                                "2",
                                "--http-address",
                                "127.0.0.1",
                                "--http-port",
                                "0",
                                "--snapshot-interval",
                                "500ms",
                                "--udp-idle",
                                "2s",
                                "--cgroup-root",
                                CgroupMount.find(Path.of("/proc")).orElseThrow().toString(),
                                "--pin-directory",
                                bpf.pins().toString()),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    private CollectorProcess collector(String... more) {
        return CollectorProcess.start(List.of(), options(more));
    }

    /** Returns the latest record of each flow of one end (client or server). */
    private List<ConnectionSnapshot> flows(long namespace) {
        Map<Long, ConnectionSnapshot> latest = new HashMap<>();
        broker.connections(prefix).stream()
                .filter(received -> received.value().getNetworkNamespace() == namespace)
                .filter(received -> received.value().getProtocol() == Protocol.UDP)
                .forEach(received -> latest.merge(received.key(), received.value(), UdpCollectorTest::later));
        return List.copyOf(latest.values());
    }

    private static ConnectionSnapshot later(ConnectionSnapshot one, ConnectionSnapshot two) {
        return two.getState() == ConnectionState.OPEN && one.getState() != ConnectionState.OPEN ? one : two;
    }

    private static Counters sum(List<ConnectionSnapshot> flows) {
        return new Counters(
                flows.stream().mapToLong(ConnectionSnapshot::getSegmentsSent).sum(),
                flows.stream().mapToLong(ConnectionSnapshot::getBytesSent).sum(),
                flows.stream()
                        .mapToLong(ConnectionSnapshot::getSegmentsReceived)
                        .sum(),
                flows.stream().mapToLong(ConnectionSnapshot::getBytesReceived).sum());
    }

    @Test
    void isExactAfterBeingKilledInTheMiddleOfTraffic() throws Exception {
        // Given
        int socket = client.socket(true);
        CompletableFuture<Void> traffic;
        try (CollectorProcess killed = collector("--udp", "cgroup-skb")) {
            traffic = CompletableFuture.runAsync(() -> {
                for (int round = 0; round < 4; round++) {
                    client.ask(socket, SERVER_IPV4, port, 3_000, 1_000);
                }
            });
            await().atMost(PATIENCE).until(() -> !flows(clientNamespace).isEmpty());

            // When
            killed.kill();
        }
        traffic.get();
        try (CollectorProcess restarted = collector("--udp", "cgroup-skb")) {
            client.ask(socket, SERVER_IPV4, port, 100, 1_000);

            // Then
            await().atMost(PATIENCE).untilAsserted(() -> {
                List<ConnectionSnapshot> asked = flows(clientNamespace);
                List<ConnectionSnapshot> answered = flows(serverNamespace);
                assertThat(asked).isNotEmpty().allSatisfy(flow -> {
                    assertThat(flow.getState()).isEqualTo(ConnectionState.CLOSED);
                    assertThat(flow.getCloseReason()).isEqualTo(CloseReason.IDLE);
                    assertThat(flow.getRole()).isEqualTo(Role.CLIENT);
                    assertThat(flow.getOwner().getCommand()).isEqualTo("udp-client");
                });
                assertThat(sum(asked)).isEqualTo(client.counters(socket));
                assertThat(sum(answered)).isEqualTo(server.counters(listening));
            });
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(restarted.metric("natator_collector_udp_flows_ended_total"))
                            .isPositive());
            assertThat(restarted.metric("natator_collector_udp_datagrams_lost_total"))
                    .isZero();
            assertThat(restarted.metric("natator_collector_udp_flows_capacity")).isEqualTo(65_536);
        }
    }

    @Test
    void publishesTheNameThatAWorkloadLookedUp() throws Exception {
        // Given
        byte[] answer = HexFormat.of()
                .parseHex("123481800001000100000000" + "03617069076578616d706c6503636f6d0000010001"
                        + "c00c000100010000003c0004c6336407");
        int dns = server.socket(true);
        server.bind(dns, SERVER_IPV4, 53);
        server.reply(dns, answer);
        try (CollectorProcess collector = collector("--udp", "cgroup-skb", "--dns-names")) {
            int socket = client.socket(true);

            // When
            client.ask(socket, SERVER_IPV4, 53, 5, 40);

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(broker.dnsNames(prefix))
                            .singleElement()
                            .satisfies(published -> {
                                assertThat(published.key()).isEqualTo("ip/198.51.100.7");
                                assertThat(published.value().getName()).isEqualTo("api.example.com");
                                assertThat(published.value().getTtlSeconds()).isEqualTo(60);
                                assertThat(Duration.between(published.value().getAnsweredAt(), Instant.now()))
                                        .isBetween(Duration.ofSeconds(-1), Duration.ofMinutes(2));
                            }));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(collector.metric("natator_collector_dns_names_published_total"))
                            .isGreaterThanOrEqualTo(1));
            // The numbers can be larger, because other processes of the machine can look up names at the same time, and
            // their answers are copied, too.
            assertThat(collector.metric("natator_collector_dns_answers_total")).isGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void attachesNothingIfUdpIsOffAndRemovesEarlierPins() throws Exception {
        // Given
        try (CollectorProcess counting = collector("--udp", "cgroup-skb")) {
            assertThat(bpf.pins().resolve("udp")).isDirectory();
            counting.kill();
        }
        int socket = client.socket(true);

        // When
        try (CollectorProcess off = collector()) {
            client.ask(socket, SERVER_IPV4, port, 10, 100);

            // Then
            assertThat(bpf.pins().resolve("udp")).doesNotExist();
            assertThat(off.output()).anyMatch(line -> line.contains("UDP is no longer counted"));
            assertThat(off.metric("natator_collector_udp_flows_live")).isNaN();
            assertThat(off.http("/metrics").body()).doesNotContain("udp_egress");
            await().atMost(PATIENCE).until(off::isReady);
            assertThat(flows(clientNamespace)).isEmpty();
        }
    }

    @Test
    void continuesWithoutUdpIfTheKernelLacksTheHooks() throws Exception {
        // Given
        try (CollectorProcess other = collector("--udp", "cgroup-skb")) {
            other.kill();
        }

        // When
        try (CollectorProcess collector = collector("--udp", "auto")) {
            await().atMost(PATIENCE).until(collector::isReady);

            // Then
            boolean counted = !Double.isNaN(collector.metric("natator_collector_udp_flows_live"));
            List<String> said = collector.output().stream()
                    .filter(line -> line.contains("UDP is not counted"))
                    .toList();
            assertThat(said).hasSize(counted ? 0 : 1);
            assertThat(bpf.pins().resolve("udp").toFile().exists()).isEqualTo(counted);
            assertThat(collector.terminate()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"',+bpf,+perfmon', false", "',+bpf,+perfmon,+net_admin', true"})
    void needsOneMoreCapabilityForCgroupHooks(String capabilities, boolean enough) throws Exception {
        // Given
        List<String> only = CollectorProcess.withOnly(capabilities);

        // When
        if (enough) {
            try (CollectorProcess collector = CollectorProcess.start(only, options("--udp", "cgroup-skb"))) {
                int socket = client.socket(true);
                client.ask(socket, SERVER_IPV4, port, 10, 100);

                // Then
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(sum(flows(clientNamespace))).isEqualTo(client.counters(socket)));
            }
        } else {
            CollectorProcess refused = CollectorProcess.run(only, options("--udp", "cgroup-skb"));

            // Then
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.output())
                    .filteredOn(line -> line.startsWith("collector: "))
                    .singleElement()
                    .asString()
                    .startsWith("collector: UDP not counted: the process lacks CAP_NET_ADMIN: ");
        }
    }
}
