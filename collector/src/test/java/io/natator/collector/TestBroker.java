package io.natator.collector;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.NatatorSerdes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import kafka.server.BrokerServer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;
import org.apache.kafka.server.common.MetadataVersion;

/** A real broker that can be taken away for a while. */
final class TestBroker implements AutoCloseable {
    /** A record of the topic connections. */
    record Received(long key, ConnectionSnapshot value) {}

    private final KafkaClusterTestKit cluster;

    TestBroker() throws Exception {
        cluster = new KafkaClusterTestKit.Builder(new TestKitNodes.Builder()
                        .setBootstrapMetadataVersion(MetadataVersion.latestProduction())
                        .setNumBrokerNodes(1)
                        .setNumControllerNodes(1)
                        .build())
                .setConfigProp("auto.create.topics.enable", "false")
                .build();
        cluster.format();
        cluster.startup();
        cluster.waitForReadyBrokers();
    }

    String bootstrapServers() {
        return cluster.bootstrapServers();
    }

    void leave() {
        broker().shutdown();
        broker().awaitShutdown();
    }

    void comeBack() {
        broker().startup();
    }

    private BrokerServer broker() {
        return Objects.requireNonNull(cluster.brokers().get(0));
    }

    /** Everything in the topic connections, all partitions, in the order of each. */
    List<Received> connections(String prefix) {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                cluster.bootstrapServers(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest");
        List<Received> received = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                properties,
                NatatorSerdes.fingerprint().deserializer(),
                NatatorSerdes.connectionSnapshot().deserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(prefix + "connections").stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> received.add(new Received(record.key(), record.value())));
            }
        }
        return received;
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
