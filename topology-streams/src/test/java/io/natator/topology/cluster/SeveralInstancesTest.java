package io.natator.topology.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.topology.TestBroker;
import io.natator.topology.TopologyConfig.GroupProtocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tests two instances with standby replicas that share the partitions: one joins, one is killed and returns, one
 * leaves.
 */
class SeveralInstancesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int PARTITIONS = 4;

    private static TestBroker broker;

    @TempDir
    Path directory = Path.of("");

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    @ParameterizedTest
    @EnumSource(GroupProtocol.class)
    void sumsStayExactWhenPartitionsMove(GroupProtocol protocol) throws Exception {
        String id = "several-" + protocol.name().toLowerCase(Locale.ROOT);
        if (protocol == GroupProtocol.STREAMS) {
            standbyReplicasOfGroup(id);
        }
        try (var first = instance("first", id, protocol);
                var traffic = traffic(first, id)) {
            // Given one instance with all partitions
            traffic.grow(1_000);
            awaitExact(traffic, first);

            try (var second = instance("second", id, protocol)) {
                // When another instance joins during traffic, then both share the partitions
                awaitShared(traffic, first, second);
                awaitExact(traffic, first, second);
                assertThat(first.counters()).isNotEmpty();
                awaitComplete(traffic, first);
                awaitComplete(traffic, second);
                await().atMost(PATIENCE).untilAsserted(() -> {
                    assertThat(linkTasks("first", id)).hasSize(PARTITIONS);
                    assertThat(linkTasks("second", id)).hasSize(PARTITIONS);
                });

                // When the first instance is killed, then the second one continues from its standby replicas
                first.kill();
                traffic.grow(1_000);
                assertIncomplete(second);
                awaitExact(traffic, second);
                awaitComplete(traffic, second);

                // When the first instance returns and the second one is stopped, then the first one has all partitions
                first.startAgain();
                awaitShared(traffic, first, second);
                second.stop();
                traffic.grow(1_000);
                awaitExact(traffic, first);
                awaitComplete(traffic, first);
            }
        }
    }

    private Instance instance(String name, String id, GroupProtocol protocol) {
        var options = Stream.of(
                "--application-id",
                id,
                "--topic-prefix",
                id + ".",
                "--group-protocol",
                protocol.name().toLowerCase(Locale.ROOT),
                "--partitions",
                Integer.toString(PARTITIONS),
                "--threads",
                "1",
                "--commit-interval",
                "200ms",
                "--publish-interval",
                "200ms",
                "--standby-replicas",
                protocol == GroupProtocol.CLASSIC ? "1" : "0");
        // Only for the classic protocol. With the streams protocol, the broker's configuration of the group sets the
        // session timeout.
        Map<String, String> client = protocol == GroupProtocol.CLASSIC
                ? Map.of("session.timeout.ms", "5000", "heartbeat.interval.ms", "500")
                : Map.of();
        return new Instance(directory.resolve(protocol + name), broker.bootstrapServers(), options.toList(), client);
    }

    private static void standbyReplicasOfGroup(String id) throws Exception {
        try (Admin admin = broker.admin()) {
            var settings = Stream.of(
                            new ConfigEntry("streams.num.standby.replicas", "1"),
                            new ConfigEntry("streams.session.timeout.ms", "5000"))
                    .map(entry -> new AlterConfigOp(entry, AlterConfigOp.OpType.SET))
                    .toList();
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, id), settings))
                    .all()
                    .get();
        }
    }

    private static Traffic traffic(Instance instance, String id) {
        await().atMost(PATIENCE)
                .until(() -> instance.get("/readyz")
                        .filter(answer -> answer.body().contains("no connection snapshot"))
                        .isPresent());
        return new Traffic(broker.bootstrapServers(), id + ".", 200);
    }

    private static long bytes(Instance instance) {
        return instance.counters().entrySet().stream()
                .filter(counter -> counter.getKey().startsWith("natator_link_bytes_total"))
                .mapToLong(counter -> counter.getValue().longValue())
                .sum();
    }

    private static void awaitShared(Traffic traffic, Instance... instances) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            traffic.grow(10);
            assertThat(instances)
                    .allSatisfy(instance -> assertThat(bytes(instance)).isPositive());
        });
    }

    private static void awaitExact(Traffic traffic, Instance... instances) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Stream.of(instances)
                                .mapToLong(SeveralInstancesTest::bytes)
                                .sum())
                        .isEqualTo(traffic.totalBytes()));
    }

    /** Waits until the instance answers a query with the links of all instances. */
    private static void awaitComplete(Traffic traffic, Instance instance) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode answer = links(instance);
            assertThat(answer.path("complete").asBoolean())
                    .as(answer.toString())
                    .isTrue();
            assertThat(answer.path("total").asLong()).isEqualTo(traffic.links());
            assertThat(answer.path("links")
                            .valueStream()
                            .mapToLong(link -> link.path("bytesToServer").asLong()
                                    + link.path("bytesToClient").asLong())
                            .sum())
                    .isEqualTo(traffic.totalBytes());
        });
    }

    /**
     * Asserts that the result is marked as incomplete, because no instance has the partitions of the killed one yet.
     */
    private static void assertIncomplete(Instance instance) {
        HttpResponse<String> answer = instance.get("/api/links").orElseThrow();
        assertThat(answer.headers().firstValue("Natator-Incomplete")).isPresent();
    }

    private static JsonNode links(Instance instance) {
        return instance.get("/api/links")
                .map(answer -> new JsonMapper().readTree(answer.body()))
                .orElseThrow();
    }

    /** The tasks whose store of links is on the disk of an instance, as active store or as standby replica. */
    private Set<String> linkTasks(String name, String id) {
        Path state = directory
                .resolve((id.endsWith("streams") ? GroupProtocol.STREAMS : GroupProtocol.CLASSIC) + name)
                .resolve("state")
                .resolve(id);
        try (Stream<Path> tasks = Files.list(state)) {
            return tasks.filter(task -> Files.exists(task.resolve("rocksdb").resolve("link-totals")))
                    .map(task -> task.getFileName().toString())
                    .collect(java.util.stream.Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
