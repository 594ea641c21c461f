package io.natator.bench.names;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Ownership;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The topic {@code identities} as a table, read by a consumer. Not thread-safe. */
final class IdentityTable implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<String, SpecificRecord> consumer;
    private final Map<String, SpecificRecord> records = new HashMap<>();
    private final TopicProgress progress = new TopicProgress();
    private boolean assigned;
    private long read;

    IdentityTable(String bootstrapServers) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false),
                new StringDeserializer(),
                NatatorSerdes.identity().deserializer());
    }

    /** Reads to the present end of the topic. */
    void refresh() {
        String topic = Topic.IDENTITIES.name(Topic.DEFAULT_PREFIX);
        if (!assigned) {
            if (!consumer.listTopics().containsKey(topic)) {
                return;
            }
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            assigned = true;
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(POLL).forEach(record -> {
                read++;
                if (record.value() instanceof IdentityProgress ofPartition) {
                    progress.add(record.key(), ofPartition);
                }
                if (record.value() == null) {
                    records.remove(record.key());
                } else {
                    records.put(record.key(), record.value());
                }
            });
        }
    }

    /** The topic contains everything that happened up to this time; the epoch before every partition says so. */
    Instant completeAsOf() {
        return progress.completeAsOf().orElse(Instant.EPOCH);
    }

    /** Records read so far. */
    long read() {
        return read;
    }

    Optional<Identity> identity(String key) {
        return Optional.ofNullable((Identity) records.get(key));
    }

    /** The owners of an address or node port, oldest first. */
    List<Ownership> owners(String key) {
        return records.get(key) instanceof AddressOwners owners ? owners.getOwners() : List.of();
    }

    Optional<AddressOwners> history(String key) {
        return Optional.ofNullable((AddressOwners) records.get(key));
    }

    Optional<Identity> owner(String key) {
        return owners(key).stream()
                .filter(owner -> owner.getUntil() == null)
                .map(Ownership::getIdentity)
                .findFirst();
    }

    /** The keys with a prefix. */
    Set<String> keys(String prefix) {
        return records.keySet().stream().filter(key -> key.startsWith(prefix)).collect(Collectors.toSet());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
