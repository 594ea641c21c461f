package io.natator.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.DnsAnswer;
import io.natator.bpf.DnsAnswerSource;
import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketRecord;
import io.natator.collector.TestBroker.Received;
import io.natator.schemas.ConnectionState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests the collector with a real broker and with records that a test adds. */
class CollectorAppTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static TestBroker broker;

    private final FakeSocketSource source = new FakeSocketSource();
    private final String prefix = "t" + UUID.randomUUID() + ".";

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    private CollectorApp app(int maxUnacknowledged) {
        return new CollectorApp(Configs.collector(broker.bootstrapServers(), prefix, maxUnacknowledged), source);
    }

    private List<Received> topic() {
        return broker.connections(prefix);
    }

    private static HttpResponse<String> http(CollectorApp app, String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.httpPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void sendsOpensSnapshotsAndCloses() throws Exception {
        try (CollectorApp app = app(100)) {
            // Given
            app.start();
            // When
            source.happen(Sockets.opened(1));
            await().atMost(PATIENCE).until(() -> source.released() == 1);
            source.live(Sockets.live(1, 7), Sockets.live(2, 8));
            await().atMost(PATIENCE).until(() -> topic().size() == 3);
            source.live();
            source.happen(Sockets.closed(1, 9), Sockets.socket(SocketRecord.Event.FAILED, 3, 0));
            await().atMost(PATIENCE).until(() -> source.released() == 3);
            // Then
            List<Received> received = topic();
            assertThat(received)
                    .filteredOn(record -> record.key() == 0x1_0000_0001L)
                    .extracting(
                            record -> record.value().getState(),
                            record -> record.value().getBytesSent())
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(ConnectionState.OPEN, 0L),
                            org.assertj.core.groups.Tuple.tuple(ConnectionState.OPEN, 7L),
                            org.assertj.core.groups.Tuple.tuple(ConnectionState.CLOSED, 9L));
            assertThat(received).hasSize(5).allSatisfy(record -> {
                assertThat(record.value().getNode()).isEqualTo("node-1");
                assertThat(UUID.fromString(record.value().getBootId())).isNotNull();
            });
        }
    }

    @Test
    void losesNothingWhenTheBrokerGoesAwayAndComesBack() throws Exception {
        int bound = 1_000;
        try (CollectorApp app = app(bound)) {
            // Given
            app.start();
            LongStream.rangeClosed(1, 2_000).forEach(cookie -> source.happen(Sockets.closed(cookie, cookie)));
            await().atMost(PATIENCE).until(() -> source.released() == 2_000);
            // When
            broker.leave();
            LongStream.rangeClosed(2_001, 6_000).forEach(cookie -> source.happen(Sockets.closed(cookie, cookie)));
            await().atMost(PATIENCE).until(() -> http(app, "/readyz").statusCode() == 503);
            // Then
            assertThat(source.released()).isEqualTo(2_000);
            assertThat(source.read()).isLessThanOrEqualTo(2_000 + bound);
            assertThat(http(app, "/readyz").body()).contains("does not acknowledge");
            assertThat(http(app, "/healthz").statusCode()).isEqualTo(200);
            // When
            broker.comeBack();
            await().atMost(PATIENCE).until(() -> source.released() == 6_000);
            await().atMost(PATIENCE).until(() -> http(app, "/readyz").statusCode() == 200);
        }
        // Then
        assertThat(source.releasedOutOfOrder()).isFalse();
        assertThat(source.largestReadAhead()).isLessThanOrEqualTo(bound);
        assertThat(topic().stream()
                        .map(record -> record.value().getSocketCookie())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 6_000).boxed().toList());
    }

    @Test
    void collectsALastTimeWhenItIsClosed() throws Exception {
        // Given
        CollectorApp app = app(100);
        app.start();
        await().atMost(PATIENCE).until(() -> http(app, "/readyz").statusCode() == 200);
        // When
        source.happen(Sockets.closed(1, 5));
        source.live(Sockets.live(2, 6));
        app.close();
        // Then
        assertThat(topic()).extracting(Received::key).containsExactlyInAnyOrder(0x1_0000_0001L, 0x1_0000_0002L);
        assertThat(source.released()).isEqualTo(1);
        assertThat(source.closed()).isTrue();
    }

    @Test
    void survivesAFailingKernelSide() throws Exception {
        try (CollectorApp app = app(100)) {
            // Given
            source.failing(true);
            source.happen(Sockets.closed(1, 5));
            app.start();
            await().atMost(PATIENCE)
                    .until(() -> !http(app, "/metrics").body().contains("natator_collector_read_failures_total 0.0"));
            // When
            source.failing(false);
            // Then
            await().atMost(PATIENCE).until(() -> source.released() == 1);
        }
    }

    @Test
    void exportsItsMetrics() throws Exception {
        try (CollectorApp app = app(100)) {
            // Given
            source.live(Sockets.live(2, 6));
            source.happen(
                    Sockets.closed(1, 5),
                    Sockets.socket(
                            SocketRecord.Event.CLOSED,
                            8,
                            1,
                            new Endpoint(InetAddress.getLoopbackAddress(), 1),
                            new Endpoint(InetAddress.getLoopbackAddress(), 2)));
            // When
            app.start();
            await().atMost(PATIENCE)
                    .until(() ->
                            http(app, "/metrics").body().contains("natator_collector_records_acknowledged_total 2.0"));
            // Then
            assertThat(http(app, "/metrics").body())
                    .contains("natator_collector_filtered_total{reason=\"loopback\"} 1.0")
                    .contains("natator_collector_connections_live 1.0")
                    .contains("natator_collector_connections_opened_total 11.0")
                    .contains("natator_collector_connections_closed_total 12.0")
                    .contains("natator_collector_connections_failed_total 13.0")
                    .contains("natator_collector_connections_spilled_total 14.0")
                    .contains("natator_collector_connections_folded_total 15.0")
                    .contains("natator_collector_events_lost_total 16.0")
                    .contains("natator_collector_recursion_misses_total 18.0")
                    .contains("natator_collector_ring_capacity_bytes 4096.0")
                    .contains("natator_collector_fold_entries 19.0")
                    .contains("natator_collector_fold_capacity 200.0")
                    .contains("natator_collector_opens_skipped_total 20.0")
                    .contains("natator_collector_live_skipped_total 21.0")
                    .contains("natator_collector_listeners_skipped_total 25.0")
                    .contains("natator_collector_records_discarded_total 22.0")
                    .contains("natator_collector_program_seconds_count{program=\"tcp_state_one\"} 23")
                    .contains("natator_collector_program_seconds_sum{program=\"tcp_state_one\"} 2.5")
                    .contains("natator_collector_unacknowledged_age_seconds 0.0")
                    .contains("natator_collector_snapshots_sent_total 1.0")
                    .contains("natator_collector_snapshot_seconds_count")
                    .contains("natator_collector_unacknowledged_records 0.0")
                    .contains("natator_collector_since_acknowledged_seconds");
        }
    }

    @Test
    void scrapesDoNotTouchTheKernelSide() throws Exception {
        // Given
        Set<Thread> measuring = ConcurrentHashMap.newKeySet();
        DnsAnswerSource answers = new DnsAnswerSource() {
            @Override
            public int pollAnswers(int limit, Consumer<DnsAnswer> consumer) {
                return 0;
            }

            @Override
            public Statistics answerStatistics() {
                measuring.add(Thread.currentThread());
                return new Statistics(31, 0, 0);
            }
        };
        var udp = new FakeSocketSource();
        CollectorConfig config = Configs.collector(broker.bootstrapServers(), prefix, 100, "--udp=auto", "--dns-names");
        try (CollectorApp app = new CollectorApp(config, new JointSource(source, udp, answers))) {
            app.start();
            // When
            await().atMost(PATIENCE)
                    .until(() -> http(app, "/metrics").body().contains("natator_collector_dns_answers_total 31.0"));
            // Then
            measuring.addAll(source.measuringThreads());
            measuring.addAll(udp.measuringThreads());
            assertThat(measuring)
                    .filteredOn(thread -> thread != Thread.currentThread())
                    .extracting(Thread::getName)
                    .containsOnly("natator-collector");
        }
    }

    @Test
    void startsWithoutABrokerAndLogsIt() throws Exception {
        String unreachable;
        try (var free = new ServerSocket(0)) {
            unreachable = "127.0.0.1:" + free.getLocalPort();
        }
        // Given
        source.happen(Sockets.closed(1, 5));
        var app = new CollectorApp(Configs.collector(unreachable, prefix, 100), source);
        // When
        app.start();
        // Then
        HttpResponse<String> ready = http(app, "/readyz");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).startsWith("waiting for Kafka at " + unreachable);
        // When
        app.close();
        // Then
        assertThat(source.released()).isZero();
        assertThat(source.closed()).isTrue();
    }

    @Test
    void leavesNothingBehindWhenThePortIsTaken() throws Exception {
        try (CollectorApp first = app(100)) {
            // Given
            first.start();
            var other = new FakeSocketSource();
            var second = new CollectorApp(
                    Configs.collector(broker.bootstrapServers(), prefix, 100, "--http-port=" + first.httpPort()),
                    other);
            // When
            assertThatThrownBy(second::start)
                    // Then
                    .isInstanceOf(CollectorStartException.class)
                    .hasMessage(
                            "cannot listen on 127.0.0.1:" + first.httpPort()
                                    + ": Address already in use: free the port, or choose another with --http-address and --http-port (0 for any)");
            assertThat(other.closed()).isTrue();
        }
    }
}
