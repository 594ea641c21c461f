package io.natator.topology.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.schemas.NatatorSerdes;
import io.natator.topology.Snapshots;
import io.natator.topology.TestBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that an instance that is killed during traffic continues from its committed state. */
class KilledInstanceTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @Test
    void scrapedValuesAreCommitted(@TempDir Path directory) throws Exception {
        try (var broker = new TestBroker();
                var instance = new Instance(
                        directory,
                        broker.bootstrapServers(),
                        List.of("--threads", "1", "--partitions", "1", "--commit-interval", "3s"),
                        Map.of("session.timeout.ms", "3000", "heartbeat.interval.ms", "500"))) {
            // Given an instance whose counters grow
            await().atMost(PATIENCE)
                    .until(() -> instance.get("/readyz")
                            .filter(answer -> answer.body().contains("no connection snapshot"))
                            .isPresent());
            var done = new AtomicBoolean();
            Thread traffic = Thread.ofVirtual().start(() -> produce(broker, done));
            await().atMost(PATIENCE).until(() -> bytes(instance) > 0);
            double before = bytes(instance);

            // When the instance is killed as soon as a counter has grown, and all input records are deleted
            double scraped = await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> bytes(instance), bytes -> bytes > before);
            instance.kill();
            done.set(true);
            traffic.join();
            deleteAllRecords(broker, Set.of("natator.connections", "natator-topology-link-deltas-repartition"));
            instance.startAgain();

            // Then the restarted instance exports at least the scraped value, from its committed state
            await().atMost(PATIENCE).until(() -> bytes(instance) > 0);
            assertThat(bytes(instance)).isGreaterThanOrEqualTo(scraped);
        }
    }

    private static double bytes(Instance instance) {
        return instance.counters().entrySet().stream()
                .filter(counter -> counter.getKey().startsWith("natator_link_bytes_total"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** Reports one connection repeatedly, with one more byte each time. */
    private static void produce(TestBroker broker, AtomicBoolean done) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
                new LongSerializer(),
                NatatorSerdes.connectionSnapshot().serializer())) {
            for (long bytes = 1; !done.get(); bytes++) {
                Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
                producer.send(new ProducerRecord<>(
                                "natator.connections",
                                1L,
                                Snapshots.client(1)
                                        .setRemoteAddress(Snapshots.address("8.8.8.8"))
                                        .setBytesAcked(bytes)
                                        .setStartedAt(now)
                                        .setObservedAt(now)
                                        .build()))
                        .get();
            }
        } catch (Exception e) { // Future.get declares checked exceptions.
            throw new AssertionError(e);
        }
    }

    private static void deleteAllRecords(TestBroker broker, Set<String> topics) throws Exception {
        try (Admin admin = broker.admin()) {
            var ends = admin.listOffsets(topics.stream()
                            .collect(Collectors.toMap(
                                    topic -> new TopicPartition(topic, 0), topic -> OffsetSpec.latest())))
                    .all()
                    .get();
            admin.deleteRecords(ends.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey,
                                    end -> RecordsToDelete.beforeOffset(
                                            end.getValue().offset()))))
                    .all()
                    .get();
        }
    }
}
