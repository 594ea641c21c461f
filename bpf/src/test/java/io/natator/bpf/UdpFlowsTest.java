package io.natator.bpf;

import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.traffic.DatagramProcess;
import io.natator.bpf.traffic.DatagramProcess.Counters;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that flows end after a pause, and that no byte is lost if there are more flows than the capacity or no
 * collector reads.
 */
@ParameterizedClass
@EnumSource(UdpHooks.class)
class UdpFlowsTest extends UdpFixture {
    UdpFlowsTest(UdpHooks hooks) {
        super(hooks);
    }

    private Counters askFromEach(int sockets, int questions) {
        Counters all = new Counters(0, 0, 0, 0);
        for (int i = 0; i < sockets; i++) {
            int socket = client.socket(true);
            client.ask(socket, SERVER_IPV4, port, questions, 1_000);
            all = UdpTrackers.sum(all, client.counters(socket));
            client.close(socket);
        }
        return all;
    }

    @Test
    void endsAfterAPauseAndAnotherBegins() {
        server.serve(listening);
        try (UdpTracker tracker = UdpTrackers.open(options().withIdle(Duration.ofMillis(300)))) {
            int socket = client.socket(true);
            client.ask(socket, SERVER_IPV4, port, 10, 1_000);
            List<SocketRecord> records = new ArrayList<>();

            // When
            patiently().untilAsserted(() -> {
                records.addAll(UdpTrackers.latest(tracker, namespaces));
                assertThat(records)
                        .filteredOn(record -> record.event() == Event.CLOSED)
                        .hasSize(2);
            });
            client.ask(socket, SERVER_IPV4, port, 5, 1_000);
            patiently().untilAsserted(() -> {
                records.addAll(UdpTrackers.latest(tracker, namespaces));
                assertThat(records)
                        .filteredOn(record -> record.event() == Event.CLOSED)
                        .hasSize(4);
            });

            // Then
            List<SocketRecord> ended = records.stream()
                    .filter(record -> record.event() == Event.CLOSED)
                    .toList();
            UdpTrackers.assertSum(ended, clientNamespace, client.counters(socket));
            UdpTrackers.assertSum(ended, serverNamespace, server.counters(listening));
            assertThat(ended).allSatisfy(end -> {
                assertThat(end.lifecycle().closeReason()).isEqualTo(CloseReason.IDLE);
                assertThat(Duration.ofNanos(
                                end.lifecycle().observedNanos() - end.id().startNanos()))
                        .isLessThan(Duration.ofSeconds(60));
            });
            assertThat(tracker.statistics().live().used()).isZero();
        }
    }

    @Test
    void previewShowsIdleFlowsAndEndsNone() {
        server.serve(listening);
        try (UdpTracker tracker = UdpTrackers.open(options().withIdle(Duration.ofNanos(1)))) {
            client.ask(client.socket(true), SERVER_IPV4, port, 1, 1_000);
            List<SocketRecord> shown = new ArrayList<>();

            // When
            tracker.preview((connection, counters) -> true, shown::add);

            // Then
            assertThat(shown)
                    .filteredOn(
                            record -> namespaces.contains(record.connection().networkNamespace()))
                    .hasSize(2)
                    .allSatisfy(record -> assertThat(record.event()).isEqualTo(Event.LIVE));
            assertThat(tracker.poll(10).records()).isEmpty();
        }
    }

    @Test
    void losesNothingIfFlowsEndDuringTraffic() throws Exception {
        server.serve(listening);
        try (UdpTracker tracker = UdpTrackers.open(options().withIdle(Duration.ofNanos(1)))) {
            int socket = client.socket(true);
            List<SocketRecord> records = new ArrayList<>();

            AtomicBoolean enough = new AtomicBoolean();

            // When
            CompletableFuture<Void> traffic = CompletableFuture.runAsync(() -> {
                while (!enough.get()) {
                    client.ask(socket, SERVER_IPV4, port, 100, 1_000);
                }
            });
            patiently().pollInterval(Duration.ofMillis(1)).until(() -> {
                records.addAll(UdpTrackers.latest(tracker, namespaces));
                return tracker.statistics().count(KernelStatistic.CLOSED) > 30;
            });
            enough.set(true);
            traffic.get();
            patiently().until(() -> {
                records.addAll(UdpTrackers.latest(tracker, namespaces));
                return tracker.statistics().live().used() == 0;
            });
            records.addAll(UdpTrackers.latest(tracker, namespaces));

            // Then
            List<SocketRecord> ended = records.stream()
                    .filter(record -> record.event() != Event.LIVE)
                    .toList();
            List<SocketRecord> sums = Stream.concat(
                            ended.stream().filter(record -> record.event() == Event.CLOSED), lastFolds(ended))
                    .toList();
            UdpTrackers.assertSum(sums, clientNamespace, client.counters(socket));
            UdpTrackers.assertSum(sums, serverNamespace, server.counters(listening));
            assertThat(tracker.statistics().count(KernelStatistic.LOST)).isZero();
        }
    }

    /** Returns the last record of each sum, because a sum is reported again when it has grown. */
    private static Stream<SocketRecord> lastFolds(List<SocketRecord> records) {
        return namespaces.stream()
                .flatMap(namespace -> records.stream()
                        .filter(record -> record.event() == Event.FOLDED
                                && record.connection().networkNamespace() == namespace)
                        .reduce((one, later) -> later)
                        .stream());
    }

    @Test
    void foldsDatagramsAboveCapacityPerAddressPair() {
        server.serve(listening);
        try (UdpTracker tracker = UdpTrackers.open(options().withFlowCapacity(40))) {

            // When
            Counters asked = askFromEach(100, 7);

            // Then
            assertThat(tracker.statistics().fold().used())
                    .as("sums before they are read")
                    .isPositive();
            List<SocketRecord> records = UdpTrackers.latest(tracker, namespaces);
            List<SocketRecord> folds = records.stream()
                    .filter(record -> record.event() == Event.FOLDED)
                    .toList();
            UdpTrackers.assertSum(records, clientNamespace, asked);
            UdpTrackers.assertSum(records, serverNamespace, server.counters(listening));
            assertThat(records.size() - folds.size()).isLessThanOrEqualTo(40);
            assertThat(folds).isNotEmpty();
            SocketSourceStatistics statistics = tracker.statistics();
            assertThat(statistics.count(KernelStatistic.FOLDED))
                    .isEqualTo(folds.stream()
                            .mapToLong(fold -> fold.counters().segmentsSent()
                                    + fold.counters().segmentsReceived())
                            .sum());
            assertThat(statistics.count(KernelStatistic.LOST)).isZero();
            assertThat(statistics.live().capacity()).isEqualTo(40);
        }
    }

    @Test
    void sumOfSeveralProcessesHasNoProcess() {
        server.serve(listening);
        try (UdpTracker tracker = UdpTrackers.open(options().withFlowCapacity(1));
                DatagramProcess other = network.startDatagrams(network.client(), "udp-other")) {

            // When
            client.ask(client.socket(true), SERVER_IPV4, port, 1, 100);
            client.ask(client.socket(true), SERVER_IPV4, port, 1, 100);
            other.ask(other.socket(true), SERVER_IPV4, port, 1, 100);

            // Then
            assertThat(UdpTrackers.latest(tracker, namespaces))
                    .filteredOn(record -> record.event() == Event.FOLDED)
                    .isNotEmpty()
                    .allSatisfy(sum -> {
                        boolean atServer = sum.connection().networkNamespace() == serverNamespace;
                        assertThat(sum.owner().command()).isEqualTo(atServer ? "udp-server" : "");
                        assertThat(sum.owner().pid()).isEqualTo(atServer ? (int) server.pid() : 0);
                    });
        }
    }

    @Test
    void retainsEndedFlowsWhileTheRingIsFull() {
        server.serve(listening);
        try (UdpTracker tracker = UdpTrackers.open(options().withRingBytes(4096).withIdle(Duration.ofMillis(100)))) {
            Counters asked = askFromEach(60, 3);
            List<SocketRecord> ends = new ArrayList<>();

            // When
            patiently().until(() -> {
                tracker.readLive(live -> {});
                SocketBatch batch = tracker.poll(1_000);
                ends.addAll(batch.records());
                batch.release();
                return tracker.statistics().live().used() == 0;
            });
            ends.addAll(UdpTrackers.latest(tracker, namespaces));

            // Then
            UdpTrackers.assertSum(ends, clientNamespace, asked);
            UdpTrackers.assertSum(ends, serverNamespace, server.counters(listening));
            assertThat(tracker.statistics().count(KernelStatistic.FOLDED)).isZero();
        }
    }

    @Test
    void continuesAfterTheLastReadersRecords() throws Exception {
        server.serve(listening);
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            UdpTrackerOptions pinned = options().withPinDirectory(bpf.pins());
            int socket = client.socket(true);
            UdpTrackers.open(pinned).close();

            // When
            CompletableFuture<Void> traffic =
                    CompletableFuture.runAsync(() -> client.ask(socket, SERVER_IPV4, port, 20_000, 1_000));
            AtomicInteger readers = new AtomicInteger();
            while (!traffic.isDone()) {
                UdpTrackers.open(pinned).close();
                readers.incrementAndGet();
            }
            traffic.get();

            // Then
            assertThat(readers.get()).isPositive();
            try (UdpTracker tracker = UdpTrackers.open(pinned)) {
                List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);
                assertThat(flows).hasSize(2);
                switch (hooks) {
                    case CGROUP -> {
                        UdpTrackers.assertSum(flows, clientNamespace, client.counters(socket));
                        UdpTrackers.assertSum(flows, serverNamespace, server.counters(listening));
                    }
                    // If a thread is in the traced function while programs are replaced, its datagram is not counted
                    // (README.md).
                    case FUNCTIONS ->
                        assertThat(flows).allSatisfy(flow -> {
                            assertThat(flow.counters().segmentsSent()).isBetween(20_000L - readers.get(), 20_000L);
                            assertThat(flow.counters().segmentsReceived()).isBetween(20_000L - readers.get(), 20_000L);
                        });
                }
            }
            assertThat(UdpTracker.unload(bpf.pins())).isTrue();
            assertThat(Files.exists(bpf.pins().resolve("udp"))).isFalse();
        }
    }

    @Test
    void readsTheFlowsOfAnotherVersion() throws Exception {
        assumeThat(hooks).isEqualTo(UdpHooks.CGROUP);
        server.serve(listening);
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            // Given: more flows than the capacity, so that some datagrams are in sums
            UdpTrackerOptions pinned = options().withPinDirectory(bpf.pins()).withFlowCapacity(20);
            Counters asked;
            try (SocketSource other = OtherBuild.open(pinned)) {
                asked = askFromEach(30, 4);
                assertThat(other.statistics().count(KernelStatistic.FOLDED)).isPositive();
            }

            // When
            try (UdpTracker tracker = UdpTrackers.open(pinned)) {
                List<SocketRecord> left = UdpTrackers.latest(tracker, namespaces);
                int socket = client.socket(true);
                client.ask(socket, SERVER_IPV4, port, 5, 100);

                // Then
                assertThat(left)
                        .isNotEmpty()
                        .allSatisfy(record -> assertThat(record.event()).isIn(Event.CLOSED, Event.FOLDED));
                UdpTrackers.assertSum(left, clientNamespace, asked);
                assertThat(tracker.statistics().discarded()).isZero();
                List<SocketRecord> after = new ArrayList<>(left);
                after.addAll(UdpTrackers.latest(tracker, namespaces));
                UdpTrackers.assertSum(after, clientNamespace, UdpTrackers.sum(asked, client.counters(socket)));
                UdpTrackers.assertSum(after, serverNamespace, server.counters(listening));
                assertThat(bpf.pins().resolve("udp/v" + OtherBuild.VERSION)).doesNotExist();
            }
            UdpTracker.unload(bpf.pins());
        }
    }

    @Test
    void readsAnUnreleasedEndAgain() throws Exception {
        server.serve(listening);
        try (BpfFileSystem bpf = new BpfFileSystem()) {
            UdpTrackerOptions pinned = options().withPinDirectory(bpf.pins()).withIdle(Duration.ofMillis(100));
            int socket = client.socket(true);
            try (UdpTracker tracker = UdpTrackers.open(pinned)) {
                client.ask(socket, SERVER_IPV4, port, 50, 1_000);
                patiently().untilAsserted(() -> {
                    tracker.readLive(live -> {});
                    assertThat(tracker.statistics().count(KernelStatistic.CLOSED))
                            .isEqualTo(2);
                });
                assertThat(tracker.poll(10).records()).hasSize(2);
            }

            // When
            try (UdpTracker tracker = UdpTrackers.open(pinned)) {
                List<SocketRecord> flows = UdpTrackers.latest(tracker, namespaces);

                // Then
                UdpTrackers.assertSum(flows, clientNamespace, client.counters(socket));
                UdpTrackers.assertSum(flows, serverNamespace, server.counters(listening));
            }
        }
    }
}
