package io.natator.enricher.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.enricher.TestBroker;
import io.natator.enricher.ownership.RecordUpdate;
import io.natator.schemas.ClusterName;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(240)
class IdentityTopicTest {
    private static final int PARTITIONS = 3;

    private static TestBroker broker;

    private final String prefix = "t" + UUID.randomUUID() + ".";
    private final IdentityTopic.Statistics statistics = new IdentityTopic.Statistics();
    private final AtomicBoolean wanted = new AtomicBoolean(true);

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    private IdentityTopic topic() {
        return topic(ClusterName.NONE);
    }

    private IdentityTopic topic(ClusterName cluster) {
        var place = new IdentityTopic.Place(prefix, cluster, PARTITIONS);
        return new IdentityTopic(clientConfig(), TopicSerdes.of(null), place, wanted::get, statistics);
    }

    private static Map<String, Object> clientConfig() {
        return Map.of("bootstrap.servers", broker.bootstrapServers());
    }

    private static Identity node(String name) {
        return Identity.newBuilder()
                .setKind("Node")
                .setName(name)
                .setWorkload(new ObjectRef("Node", "", name))
                .build();
    }

    private static Map<String, SpecificRecord> readAll(IdentityTopic topic) throws Exception {
        Map<String, SpecificRecord> all = new HashMap<>();
        topic.readAll(all::put);
        return all;
    }

    @Test
    void readsBackTheWrittenRecords() throws Exception {
        // Given many records
        List<RecordUpdate> updates = new ArrayList<>();
        for (int i = 0; i < 12_000; i++) {
            updates.add(new RecordUpdate("node/n" + i, node("n" + i)));
        }
        try (IdentityTopic topic = topic()) {
            topic.open();
            topic.write(updates);
            topic.write(List.of(new RecordUpdate("node/n7", null), new RecordUpdate("node/n8", node("renamed"))));
        }

        // When
        Map<String, SpecificRecord> read;
        try (IdentityTopic topic = topic()) {
            topic.open();
            read = readAll(topic);
        }

        // Then
        assertThat(read).hasSize(11_999).doesNotContainKey("node/n7").containsEntry("node/n8", node("renamed"));
        assertThat(statistics.written().sum()).isEqualTo(12_002);
    }

    @Test
    void everyPartitionHasTheProgress() throws Exception {
        // Given
        Instant complete = Instant.parse("2026-03-01T10:00:00.123456Z");
        try (IdentityTopic topic = topic()) {
            topic.open();

            // When
            topic.write(List.of(new RecordUpdate("node/a", node("a"))), complete);
            topic.write(List.of(), complete.plusSeconds(1));

            // Then
            var progress = new IdentityProgress(complete.plusSeconds(1), PARTITIONS);
            assertThat(readAll(topic))
                    .containsOnly(
                            Map.entry("node/a", node("a")),
                            Map.entry("progress/0", progress),
                            Map.entry("progress/1", progress),
                            Map.entry("progress/2", progress));
        }
    }

    @Test
    void laterWriterFencesTheEarlierOne() throws Exception {
        // Given
        try (IdentityTopic first = topic();
                IdentityTopic second = topic()) {
            first.open();
            first.write(List.of(new RecordUpdate("node/a", node("a"))));

            // When
            second.open();

            // Then
            assertThatThrownBy(() -> first.write(List.of(new RecordUpdate("node/b", node("b")))))
                    .isInstanceOf(DeposedException.class);
            second.write(List.of(new RecordUpdate("node/c", node("c"))));
            assertThat(readAll(second)).containsOnlyKeys("node/a", "node/c");
        }
    }

    @Test
    void clustersShareATopicAndDoNotSeeEachOther() throws Exception {
        // Given
        Instant complete = Instant.parse("2026-03-01T10:00:00Z");
        try (IdentityTopic none = topic(ClusterName.NONE);
                IdentityTopic first = topic(new ClusterName("eu-1"));
                IdentityTopic second = topic(new ClusterName("us-1"))) {
            none.open();
            first.open();
            second.open();

            // When
            none.write(List.of(new RecordUpdate("node/a", node("none"))), complete);
            first.write(List.of(new RecordUpdate("node/a", node("eu"))), complete);
            second.write(List.of(new RecordUpdate("node/a", node("us"))), complete);
            second.write(List.of(new RecordUpdate("node/b", null)), complete);

            // Then
            assertThat(readAll(none)).hasSize(1 + PARTITIONS).containsEntry("node/a", node("none"));
            assertThat(readAll(first)).hasSize(1 + PARTITIONS).containsEntry("node/a", node("eu"));
            assertThat(readAll(second)).hasSize(1 + PARTITIONS).containsEntry("node/a", node("us"));
        }
    }

    @Test
    void writersOfOneClusterFenceEachOther() throws Exception {
        // Given
        try (IdentityTopic first = topic(new ClusterName("eu-1"));
                IdentityTopic second = topic(new ClusterName("eu-1"))) {
            first.open();

            // When
            second.open();

            // Then
            assertThatThrownBy(() -> first.write(List.of(new RecordUpdate("node/b", node("b")))))
                    .isInstanceOf(DeposedException.class);
        }
    }

    @Test
    void countsAnUnreadableRecordAndReadsTheOthers() throws Exception {
        // Given
        try (IdentityTopic topic = topic()) {
            topic.open();
            topic.write(List.of(new RecordUpdate("node/a", node("a"))));
            try (var stranger =
                    new KafkaProducer<>(clientConfig(), new StringSerializer(), new ByteArraySerializer())) {
                stranger.send(new ProducerRecord<>(Topic.IDENTITIES.name(prefix), "node/b", new byte[] {1, 2, 3}))
                        .get();
            }

            // When
            Map<String, SpecificRecord> read = readAll(topic);

            // Then
            assertThat(read).containsOnlyKeys("node/a");
            assertThat(statistics.unreadable().sum()).isEqualTo(1);
        }
    }

    @Test
    void waitsForAnUnreachableBrokerUntilTheWriterIsNoLongerWanted() throws Exception {
        // Given
        Map<String, Object> nowhere =
                Map.of("bootstrap.servers", "127.0.0.1:1", "default.api.timeout.ms", 500, "request.timeout.ms", 400);
        var place = new IdentityTopic.Place(prefix, ClusterName.NONE, 1);
        var topic = new IdentityTopic(nowhere, TopicSerdes.of(null), place, wanted::get, statistics);
        var opener = Thread.ofVirtual().unstarted(() -> {
            try (topic) {
                topic.open();
            } catch (InterruptedException | DeposedException e) {
                throw new IllegalStateException(e);
            }
        });

        // When
        opener.start();
        assertThat(opener.join(java.time.Duration.ofSeconds(2))).isFalse();
        wanted.set(false);

        // Then
        assertThat(opener.join(java.time.Duration.ofSeconds(30))).isTrue();
    }
}
