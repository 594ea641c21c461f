package io.natator.topology.cluster;

import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads the topic {@code links} with a consumer of committed records ({@code read_committed}). */
final class PublishedLinks {
    private PublishedLinks() {}

    /**
     * The sum of the bytes of all links, from the records that a consumer can read now. The consumer reads up to the
     * last stable offset, which is the start of the oldest open transaction.
     */
    static long bytes(String bootstrapServers, String topic) {
        Map<LinkKey, LinkTotals> links = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                NatatorSerdes.linkKey().deserializer(),
                NatatorSerdes.linkTotals().deserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            var ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(item -> links.put(item.key(), item.value()));
            }
        }
        return links.values().stream()
                .mapToLong(totals -> totals.getBytesToServer() + totals.getBytesToClient())
                .sum();
    }
}
