package io.natator.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.http.kafka.KafkaConfig;
import io.natator.schemas.AddressOwners;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import io.natator.schemas.RegistryConfig;
import io.natator.schemas.RegistryServer;
import io.natator.schemas.SchemaRegistry;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the whole application with a real broker and a real schema registry. */
class RegistryTest {
    private static final int PARTITIONS = 2;

    private static final Duration TIMEOUT = Duration.ofMinutes(4);

    private static TestBroker broker;
    private static RegistryServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        broker = new TestBroker();
        server = RegistryServer.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        broker.close();
    }

    @Test
    void topicWithBothFramingsIsReadAsOne() throws Exception {
        try (var registry = new SchemaRegistry(RegistryConfig.at(server.url()))) {
            var registered = TopicSerdes.of(registry);

            // Given a link that an application without a registry has published
            try (var app = new TopologyApp(config(Map.of()))) {
                app.start();
                sendProgress(TopicSerdes.of(null));
                send(TopicSerdes.of(null), 1, 100);
                await().atMost(TIMEOUT).until(() -> bytesToServer(registered), Map.of("curl", 100L)::equals);
            }

            // When the application and the collectors continue with a registry, so the topics contain records in both
            // wire formats
            try (var app = new TopologyApp(config(Map.of(RegistryConfig.URL, server.url())))) {
                app.start();
                send(TopicSerdes.of(null), 2, 20);
                sendIdentity(registered);
                send(registered, 3, 3);

                // Then
                await().atMost(TIMEOUT)
                        .untilAsserted(() -> assertThat(
                                        bytesToServer(registered).values())
                                .as("totals by client, both framings read as one")
                                .satisfies(all -> assertThat(all.stream()
                                                .mapToLong(Long::longValue)
                                                .sum())
                                        .isEqualTo(123)));
                assertThat(bytesToServer(registered))
                        .containsEntry("curl", 120L)
                        .containsEntry("shop", 3L);
                assertThat(framings()).containsExactlyInAnyOrder((byte) 0, (byte) 0xC3);
            }
        }
    }

    private TopologyConfig config(Map<String, String> clientConfig) {
        TopologyConfig config = TopologyConfig.fromOptions(
                "--bootstrap-servers=" + broker.bootstrapServers(),
                "--topic-prefix=registry.",
                "--application-id=registry",
                "--state-dir=" + directory,
                "--partitions=" + PARTITIONS,
                "--threads=1",
                "--commit-interval=100ms",
                "--publish-interval=100ms",
                "--settle-after=1s",
                "--http-address=127.0.0.1",
                "--http-port=0");
        KafkaConfig kafka = config.kafka();
        return config.withKafka(
                new KafkaConfig(kafka.bootstrapServers(), kafka.topicPrefix(), clientConfig, kafka.partitions()));
    }

    /**
     * Reports a connection from node-c to an external address. If the cookie is 3, the client has the address of a pod.
     */
    private void send(TopicSerdes serdes, long cookie, long bytes) throws Exception {
        Instant now = Instant.now();
        ConnectionSnapshot snapshot = Snapshots.client(cookie)
                .setNode("node-c")
                .setLocalAddress(Snapshots.address(cookie == 3 ? "10.9.0.3" : "10.9.0.1"))
                .setRemoteAddress(Snapshots.address("203.0.113.7"))
                .setStartedAt(now.minusSeconds(1))
                .setObservedAt(now)
                .setBytesAcked(bytes)
                .build();
        send(
                Topic.CONNECTIONS,
                serdes.fingerprint().serializer(),
                serdes.connectionSnapshot().serializer(),
                cookie,
                snapshot);
    }

    private void sendIdentity(TopicSerdes serdes) throws Exception {
        Identity pod = Identity.newBuilder()
                .setKind("Pod")
                .setNamespace("default")
                .setName("shop-1")
                .setWorkload(new ObjectRef("Deployment", "default", "shop"))
                .build();
        String key = IdentityKeys.ofAddress(Snapshots.address("10.9.0.3").array());
        SpecificRecord owners = new AddressOwners(List.of(new Ownership(pod, Instant.EPOCH, null)), null);
        sendIdentity(serdes, key, owners);
    }

    /** Publishes that the identities are complete, now and for the whole test. */
    private void sendProgress(TopicSerdes serdes) throws Exception {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            var progress = new IdentityProgress(Instant.parse("2099-01-01T00:00:00Z"), PARTITIONS);
            sendIdentity(serdes, IdentityKeys.ofProgress(partition), progress);
        }
    }

    private void sendIdentity(TopicSerdes serdes, String key, SpecificRecord value) throws Exception {
        send(
                Topic.IDENTITIES,
                serdes.identityKey().serializer(),
                serdes.identity().serializer(),
                key,
                value);
    }

    private <K, V> void send(
            Topic topic,
            org.apache.kafka.common.serialization.Serializer<K> keys,
            org.apache.kafka.common.serialization.Serializer<V> values,
            K key,
            V value)
            throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
        try (var producer = new KafkaProducer<>(settings, keys, values)) {
            producer.send(new ProducerRecord<>(topic.name("registry."), key, value))
                    .get();
        }
    }

    /** The bytes sent to servers, by the name of the client, from the latest record of each link. */
    private static Map<String, Long> bytesToServer(TopicSerdes serdes) {
        Map<LinkKey, LinkTotals> latest = new HashMap<>();
        read(serdes.linkKey().deserializer(), serdes.linkTotals().deserializer())
                .forEach(latest::put);
        Map<String, Long> bytes = new HashMap<>();
        latest.forEach((key, totals) -> bytes.merge(key.getClient().getName(), totals.getBytesToServer(), Long::sum));
        return bytes;
    }

    private static java.util.Set<Byte> framings() {
        Deserializer<byte[]> bytes = (topic, value) -> value;
        var first = new java.util.HashSet<Byte>();
        Map<String, Object> settings = settings();
        try (var consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
            drain(consumer).forEach(record -> {
                first.add(record.key()[0]);
                first.add(record.value()[0]);
            });
        }
        return first;
    }

    private static Map<LinkKey, LinkTotals> read(Deserializer<LinkKey> keys, Deserializer<LinkTotals> values) {
        Map<LinkKey, LinkTotals> latest = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(settings(), keys, values)) {
            drain(consumer).forEach(record -> latest.put(record.key(), record.value()));
        }
        return latest;
    }

    private static Map<String, Object> settings() {
        return Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed");
    }

    private static <K, V> List<org.apache.kafka.clients.consumer.ConsumerRecord<K, V>> drain(
            KafkaConsumer<K, V> consumer) {
        List<TopicPartition> partitions = List.of(
                new TopicPartition(Topic.LINKS.name("registry."), 0),
                new TopicPartition(Topic.LINKS.name("registry."), 1));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        var records = new java.util.ArrayList<org.apache.kafka.clients.consumer.ConsumerRecord<K, V>>();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        }
        return records;
    }
}
