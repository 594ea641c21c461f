package io.natator.collector;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.DnsName;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.broker.KafkaBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/** A real broker that can be stopped and started again. */
final class TestBroker implements AutoCloseable {
    /** A record of the topic connections. */
    record Received(long key, ConnectionSnapshot value) {}

    private final KafkaBroker broker = new KafkaBroker();

    TestBroker() throws Exception {}

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    void leave() {
        broker.stop();
    }

    void comeBack() {
        broker.startAgain();
    }

    /** All records of the topic connections, of all partitions, each in its order. */
    List<Received> connections(String prefix) {
        List<Received> received = new ArrayList<>();
        read(
                prefix + "connections",
                NatatorSerdes.fingerprint().deserializer(),
                NatatorSerdes.connectionSnapshot().deserializer(),
                record -> received.add(new Received(record.key(), record.value())));
        return received;
    }

    /** A record of the topic dns-names. */
    record Published(String key, DnsName value) {}

    /** All records of the topic dns-names. */
    List<Published> dnsNames(String prefix) {
        List<Published> published = new ArrayList<>();
        read(
                prefix + "dns-names",
                NatatorSerdes.dnsNameKey().deserializer(),
                NatatorSerdes.dnsName().deserializer(),
                record -> published.add(new Published(record.key(), record.value())));
        return published;
    }

    private <K, V> void read(
            String topic, Deserializer<K> keys, Deserializer<V> values, Consumer<ConsumerRecord<K, V>> each) {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest");
        try (var consumer = new KafkaConsumer<>(properties, keys, values)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(each);
            }
        }
    }

    @Override
    public void close() throws Exception {
        broker.close();
    }
}
