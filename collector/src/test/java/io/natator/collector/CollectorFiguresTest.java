package io.natator.collector;

import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.BpfFileSystem;
import io.natator.bpf.traffic.DatagramProcess;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.collector.owner.CgroupMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the metrics of a running collector with known traffic. */
class CollectorFiguresTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Path MEASURE_PROGRAMS = Path.of("/proc/sys/kernel/bpf_stats_enabled");
    /**
     * Number of opens and closes that the machine is allowed to miss. Some virtual machines run no tracing program
     * while a thread of process 1 is the current task.
     */
    private static final int MISSABLE = 4;

    private static final int NOBODY_LISTENS = 9;
    private static final int RING_BYTES = 65_536;
    /** Size in bytes of an open or a close in the ring buffer, including its header. */
    private static final int RECORD_BYTES = 160;

    private static final int SPILL_CAPACITY = 50;
    private static final int LIVE_CAPACITY = 65_536;

    private BpfFileSystem bpf;
    private TestBroker broker;
    private TestNetwork network;
    private String measured;

    @BeforeEach
    void start() throws Exception {
        bpf = new BpfFileSystem();
        broker = new TestBroker();
        network = TestNetwork.create();
        measured = Files.readString(MEASURE_PROGRAMS).strip();
        Files.writeString(MEASURE_PROGRAMS, "1");
    }

    @AfterEach
    void stop() throws Exception {
        Files.writeString(MEASURE_PROGRAMS, measured);
        network.close();
        broker.close();
        bpf.close();
    }

    private CollectorProcess collector() throws Exception {
        return CollectorProcess.start(
                List.of(),
                "--bootstrap-servers=" + broker.bootstrapServers(),
                "--topic-prefix=t" + UUID.randomUUID() + ".",
                "--partitions=2",
                "--http-address=127.0.0.1",
                "--http-port=0",
                "--poll-interval=100ms",
                "--snapshot-interval=1s",
                "--ring-bytes=" + RING_BYTES,
                "--spill-capacity=" + SPILL_CAPACITY,
                // These options exclude all traffic except that of the test.
                "--include-network-namespace=" + TestNetwork.inode(network.client()) + ","
                        + TestNetwork.inode(network.server()),
                "--udp=cgroup-skb",
                "--udp-idle=1h",
                "--cgroup-root=" + CgroupMount.find(Path.of("/proc")).orElseThrow(),
                "--pin-directory=" + bpf.pins());
    }

    @Test
    void exportsConnectionsFillOfMapsAndUnacknowledgedRecords() throws Exception {
        TrafficPeer client = network.start(network.client(), "traffic-client");
        TrafficPeer server = network.start(network.server(), "traffic-server");
        int port = server.listen(SERVER_IPV4, true);
        try (CollectorProcess collector = collector();
                DatagramProcess asking = network.startDatagrams(network.client(), "udp-client");
                DatagramProcess answering = network.startDatagrams(network.server(), "udp-server")) {
            int socket = answering.socket(true);
            int udpPort = answering.bind(socket, "0.0.0.0", 0);
            answering.serve(socket);
            await().atMost(PATIENCE).until(collector::isReady);

            // The collector reports both ends of these 3 + 50 connections. Of a refused connect it reports only the
            // client's end.
            for (int id = 1; id <= 3; id++) {
                client.hold(SERVER_IPV4, port, true, id, 5_000, 7_000);
            }
            client.connect(SERVER_IPV4, port, true, 10, 50, 8, 1, 20_000);
            client.connectRefused(SERVER_IPV4, NOBODY_LISTENS, true, 5);
            asking.ask(asking.socket(true), SERVER_IPV4, udpPort, 10, 100);
            await().atMost(PATIENCE).untilAsserted(() -> {
                counts(collector);
                sizes(collector);
                durations(collector);
                nothingWaits(collector);
            });

            double closedBefore = figure(collector, "connections_closed_total");
            broker.leave();
            client.connect(SERVER_IPV4, port, true, 100, 600, 8, 2, 2_000);
            await().atMost(PATIENCE).untilAsserted(() -> muchWaits(collector, closedBefore));

            broker.comeBack();
            await().atMost(PATIENCE).untilAsserted(() -> nothingWaits(collector));
        }
    }

    private static double figure(CollectorProcess collector, String name) {
        return collector.metric("natator_collector_" + name);
    }

    private static void counts(CollectorProcess collector) {
        assertThat(figure(collector, "connections_live")).isEqualTo(6);
        assertThat(figure(collector, "connections_opened_total")).isBetween(106.0 - MISSABLE, 106.0);
        assertThat(figure(collector, "connections_closed_total")).isBetween(100.0 - MISSABLE, 100.0);
        assertThat(figure(collector, "connections_failed_total")).isBetween(5.0 - MISSABLE, 5.0);
        assertThat(figure(collector, "connections_left_out_total")).isNotNegative();
        assertThat(figure(collector, "events_lost_total")).isZero();
        assertThat(figure(collector, "opens_skipped_total")).isZero();
        assertThat(figure(collector, "live_skipped_total")).isZero();
        assertThat(figure(collector, "records_discarded_total")).isZero();
        assertThat(figure(collector, "udp_flows_live")).isEqualTo(2);
        assertThat(figure(collector, "udp_flows_begun_total")).isEqualTo(2);
        assertThat(figure(collector, "udp_datagrams_lost_total")).isZero();
    }

    /** Checks the metrics of the configured capacities. */
    private static void sizes(CollectorProcess collector) {
        assertThat(figure(collector, "connections_live_capacity")).isEqualTo(LIVE_CAPACITY);
        assertThat(figure(collector, "connections_places")).isEqualTo(2 * LIVE_CAPACITY);
        assertThat(figure(collector, "ring_capacity_bytes")).isEqualTo(RING_BYTES);
        assertThat(figure(collector, "spill_capacity")).isEqualTo(SPILL_CAPACITY + LIVE_CAPACITY);
        assertThat(figure(collector, "fold_capacity")).isEqualTo(4_096);
        assertThat(figure(collector, "udp_flows_capacity")).isEqualTo(65_536);
        assertThat(figure(collector, "udp_ring_capacity_bytes")).isEqualTo(1 << 20);
        assertThat(figure(collector, "udp_fold_capacity")).isEqualTo(4_096);
    }

    private static void durations(CollectorProcess collector) {
        assertThat(figure(collector, "snapshot_seconds_count")).isPositive();
        assertThat(figure(collector, "snapshot_seconds_sum")).isPositive();
        for (String program : List.of("tcp_state_one", "tcp_state_two", "refresh_live", "udp_egress", "udp_ingress")) {
            double runs = figure(collector, "program_seconds_count{program=\"" + program + "\"}");
            double seconds = figure(collector, "program_seconds_sum{program=\"" + program + "\"}");
            assertThat(runs).describedAs("runs of %s", program).isPositive();
            assertThat(seconds).describedAs("seconds of %s", program).isBetween(runs * 1e-8, runs * 1e-1);
        }
    }

    private static void nothingWaits(CollectorProcess collector) {
        assertThat(figure(collector, "unacknowledged_records")).isZero();
        assertThat(figure(collector, "unacknowledged_batches")).isZero();
        assertThat(figure(collector, "unacknowledged_age_seconds")).isZero();
        assertThat(figure(collector, "ring_bytes")).isZero();
        assertThat(figure(collector, "spill_entries")).isZero();
        assertThat(figure(collector, "udp_ring_bytes")).isZero();
        assertThat(figure(collector, "since_acknowledged_seconds")).isLessThan((double) PATIENCE.toSeconds());
    }

    /**
     * Checks the metrics after 1,200 closes during an outage of Kafka. The ring buffer is full; at most half of it
     * contains opens. The spill maps contain 50 closes, and the closes of connections whose counters were read while
     * they were open. The other closes are in sums. The collector stops reading when its producer notices the outage,
     * so at least the events that it read last are unacknowledged.
     */
    private static void muchWaits(CollectorProcess collector, double closedBefore) {
        double closed = figure(collector, "connections_closed_total");
        assertThat(closed).as("closed").isBetween(1_300.0 - 4 * MISSABLE, 1_300.0);
        assertThat(figure(collector, "unacknowledged_records"))
                .as("unacknowledged")
                .isBetween(1.0, 1_300.0);
        assertThat(figure(collector, "unacknowledged_age_seconds")).as("age").isPositive();
        assertThat(figure(collector, "since_acknowledged_seconds"))
                .as("since acknowledged")
                .isPositive();
        assertThat(figure(collector, "ring_bytes"))
                .as("ring bytes")
                .isBetween((double) RING_BYTES - RECORD_BYTES, (double) RING_BYTES);
        double spilled = figure(collector, "connections_spilled_total");
        double folded = figure(collector, "connections_folded_total");
        assertThat(spilled).as("spilled").isGreaterThanOrEqualTo(SPILL_CAPACITY);
        assertThat(figure(collector, "spill_entries")).as("spill entries").isEqualTo(spilled);
        assertThat(folded).as("folded").isPositive();
        // There are two sums, because there is only one address pair, and each of its two ends has a sum.
        assertThat(figure(collector, "fold_entries")).as("fold entries").isEqualTo(2);
        assertThat(closed - closedBefore - spilled - folded)
                .as("closes in the ring")
                .isBetween(RING_BYTES / 2.0 / RECORD_BYTES - 1, (double) RING_BYTES / RECORD_BYTES);
        assertThat(figure(collector, "opens_skipped_total")).as("opens skipped").isPositive();
        assertThat(figure(collector, "events_lost_total")).as("lost").isZero();
    }
}
