package io.natator.topology;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.closed;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.SocketOwner;
import io.natator.topology.ledger.LedgerTotal;
import io.natator.topology.ledger.LedgerTotalStore;
import io.natator.topology.siem.ActivityFormat;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ActivityTest {
    private final TopologyStatistics statistics = new TopologyStatistics();
    private final JsonMapper json = new JsonMapper();

    @TempDir
    Path stateDirectory = Path.of("");

    private TopologyTestDriver driver;
    private TestInputTopic<Long, ConnectionSnapshot> connections;
    private TestOutputTopic<String, byte[]> activity;

    @BeforeEach
    void start() {
        start(ActivityFormat.OCSF, 1_000);
    }

    private void restart(ActivityFormat format, int limit) {
        driver.close();
        start(format, limit);
    }

    private void start(ActivityFormat format, int limit) {
        TopologyConfig config = TopologyConfig.fromOptions(
                "--state-dir=" + stateDirectory, "--activity=" + format, "--activity-limit=" + limit);
        driver = TestDrivers.start(config, statistics, new CommittedStores(), START.plusSeconds(2));
        TestDrivers.completeIdentities(driver);
        connections = TestDrivers.connections(driver);
        activity = driver.createOutputTopic(
                "natator.network-activity", new StringDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private List<JsonNode> events() {
        List<JsonNode> events = new ArrayList<>();
        for (TestRecord<String, byte[]> event : activity.readRecordsToList()) {
            events.add(json.readTree(event.value()));
        }
        return events;
    }

    private static List<String> names(List<JsonNode> events) {
        return events.stream()
                .map(event -> event.get("activity_name").asString())
                .toList();
    }

    private static ConnectionSnapshot.Builder ended(ConnectionSnapshot.Builder half, CloseReason reason) {
        return half.setState(reason == CloseReason.RESET ? ConnectionState.CLOSED : ConnectionState.FAILED)
                .setCloseReason(reason);
    }

    @Test
    void eventsHaveBothEndsOfTheConnection() {
        // Given
        connections.pipeInput(7L, client(1).setBytesAcked(100).build());
        connections.pipeInput(7L, server(2).build());

        // When
        connections.pipeInput(
                7L,
                closed(client(1).setBytesAcked(150))
                        .setObservedAt(START.plusSeconds(2))
                        .build());
        connections.pipeInput(
                7L, closed(server(2)).setObservedAt(START.plusSeconds(2)).build());

        // Then
        List<TestRecord<String, byte[]>> records = activity.readRecordsToList();
        assertThat(records)
                .extracting(TestRecord::key)
                .containsOnly("node-a/process/curl > node-b/process/nginx:8080/TCP");
        JsonNode open = json.readTree(records.get(0).value());
        JsonNode close = json.readTree(records.get(1).value());
        assertThat(names(List.of(open, close))).containsExactly("Open", "Close");
        assertThat(close.get("src_endpoint").get("hostname").asString()).isEqualTo("node-a");
        assertThat(close.get("dst_endpoint").get("hostname").asString()).isEqualTo("node-b");
        assertThat(open.get("traffic").get("bytes").asLong()).isEqualTo(100);
        assertThat(close.get("traffic").get("bytes").asLong()).isEqualTo(50);
        assertThat(close.get("cumulative_traffic").get("bytes").asLong()).isEqualTo(150);
        assertThat(close.get("connection_info").get("uid").asString()).isEqualTo("0000000000000007");
        assertThat(records).hasSize(2);
    }

    @Test
    void eventsHaveTheNameOfThePod() {
        // Given
        TestDrivers.identities(driver)
                .pipeInput(
                        IdentityKeys.ofPod("uid-1"),
                        Identity.newBuilder()
                                .setKind("Pod")
                                .setNamespace("default")
                                .setName("shop-1")
                                .setWorkload(new ObjectRef("Deployment", "default", "shop"))
                                .build());

        // When
        connections.pipeInput(
                7L,
                client(1)
                        .setRemoteAddress(Snapshots.address("203.0.113.9"))
                        .setOwner(SocketOwner.newBuilder()
                                .setCommand("curl")
                                .setPodUid("uid-1")
                                .build())
                        .build());

        // Then
        JsonNode open = events().getFirst();
        assertThat(open.get("src_endpoint").get("name").asString()).isEqualTo("shop");
        assertThat(open.get("unmapped").get("src_pod").asString()).isEqualTo("shop-1");
    }

    @Test
    void eachKindOfEndHasAnEvent() {
        // When
        CloseReason[] reasons = {CloseReason.RESET, CloseReason.REFUSED, CloseReason.TIMEOUT};
        for (int i = 0; i < reasons.length; i++) {
            connections.pipeInput(
                    (long) i,
                    ended(client(i).setRemoteAddress(address("8.8.8.8")), reasons[i])
                            .build());
        }

        // Then
        assertThat(names(events())).containsExactly("Open", "Reset", "Refuse", "Fail");
    }

    @Test
    void longConnectionHasATrafficEventPerInterval() {
        // When the connection sends further bytes in every minute
        for (int minute = 0; minute <= 12; minute++) {
            connections.pipeInput(
                    7L,
                    client(1)
                            .setRemoteAddress(address("8.8.8.8"))
                            .setBytesAcked(100L * (minute + 1))
                            .setObservedAt(START.plusSeconds(1 + 60L * minute))
                            .build());
            TestDrivers.pass(driver, 60);
        }

        // Then
        List<JsonNode> events = events();
        assertThat(names(events)).containsExactly("Open", "Traffic", "Traffic");
        assertThat(events.get(2).get("traffic").get("bytes").asLong()).isEqualTo(500);
        assertThat(events.get(2).get("cumulative_traffic").get("bytes").asLong())
                .isEqualTo(1_100);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void trafficOfAllEventsEqualsWhatIsAttributed(long seed) {
        // Given a low limit of events per second; the run with seed 1 has a high limit
        restart(ActivityFormat.OCSF, seed == 1 ? 1_000 : 2);
        var random = new SplittableRandom(seed);
        Instant now = START;

        // When
        long[] bytes = new long[20];
        for (int i = 0; i < 400; i++) {
            int connection = random.nextInt(bytes.length);
            bytes[connection] += random.nextInt(1_000);
            boolean fromServer = random.nextInt(3) == 0;
            ConnectionSnapshot.Builder half = fromServer
                    ? server(100 + connection).setBytesReceived(bytes[connection])
                    : client(connection).setBytesAcked(bytes[connection]);
            half.setObservedAt(now);
            connections.pipeInput((long) connection, (random.nextInt(20) == 0 ? closed(half) : half).build());
            if (random.nextInt(4) == 0) {
                int seconds = random.nextInt(20);
                now = now.plusSeconds(seconds);
                TestDrivers.pass(driver, seconds);
            }
        }
        TestDrivers.pass(driver, 40 * 60);

        // Then
        KeyValueStore<String, LedgerTotal> attributed = driver.getKeyValueStore(LedgerTotalStore.STORE);
        List<JsonNode> events = events();
        assertThat(events.stream()
                        .mapToLong(event -> event.get("traffic").get("bytes").asLong())
                        .sum())
                .as("seed %d", seed)
                .isEqualTo(attributed.get(LedgerTotalStore.KEY).getBytesToServer());
        assertThat(statistics.activityDropped.value()).isZero();
    }

    @Test
    void eventsAboveTheLimitAreFoldedIntoOneEvent() {
        // Given
        restart(ActivityFormat.OCSF, 10);

        // When
        for (long i = 0; i < 100; i++) {
            connections.pipeInput(
                    i,
                    client(i)
                            .setRemoteAddress(address("8.8.8.8"))
                            .setBytesAcked(1)
                            .build());
        }
        List<JsonNode> live = events();
        TestDrivers.pass(driver, 1);
        List<JsonNode> later = events();

        // Then
        assertThat(live).hasSize(9);
        assertThat(later).singleElement().satisfies(event -> {
            assertThat(event.get("count").asInt()).isEqualTo(91);
            assertThat(event.get("traffic").get("bytes").asLong()).isEqualTo(91);
            assertThat(event.get("src_endpoint").get("name").asString()).isEqualTo("curl");
        });
        assertThat(statistics.activityFolded.value()).isEqualTo(91);
        assertThat(driver.getKeyValueStore("activity-folded").all().hasNext()).isFalse();
    }

    @Test
    void formatIsConfigurable() {
        restart(ActivityFormat.ECS, 1_000);
        connections.pipeInput(7L, client(1).setRemoteAddress(address("8.8.8.8")).build());

        assertThat(events().getFirst().get("event").get("action").asString()).isEqualTo("connection_started");
    }

    @Test
    void formatOffPublishesNoEvents() {
        restart(ActivityFormat.OFF, 1_000);
        connections.pipeInput(7L, client(1).setRemoteAddress(address("8.8.8.8")).build());
        TestDrivers.pass(driver, 1);

        assertThat(activity.isEmpty()).isTrue();
    }
}
