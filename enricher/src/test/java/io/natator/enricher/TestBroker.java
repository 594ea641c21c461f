package io.natator.enricher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Ownership;
import io.natator.schemas.Topic;
import io.natator.schemas.broker.KafkaBroker;
import io.natator.schemas.broker.TopicRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** A real broker for tests, and a reader of its topic of identities. */
public final class TestBroker implements AutoCloseable {
    private final KafkaBroker broker = new KafkaBroker();

    public TestBroker() throws Exception {}

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Reads every committed record of the topic of identities. The records of one key are in order. */
    List<ConsumerRecord<String, SpecificRecord>> records(String prefix) {
        return TopicRecords.read(
                bootstrapServers(),
                Topic.IDENTITIES.name(prefix),
                new StringDeserializer(),
                NatatorSerdes.identity().deserializer());
    }

    /** All committed records of the topic, except those that report the progress. */
    List<ConsumerRecord<String, SpecificRecord>> changes(String prefix) {
        return records(prefix).stream()
                .filter(record -> !record.key().startsWith(IdentityKeys.PROGRESS_PREFIX))
                .toList();
    }

    /** Waits until the topic contains everything that has happened in the cluster up to now. */
    void awaitProgress(String prefix) {
        Instant now = Instant.now();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(table(prefix).progress()).isNotEmpty().allMatch(now::isBefore));
    }

    /** Reads the topic of identities as a table with the latest record of each key. */
    Table table(String prefix) {
        Map<String, SpecificRecord> table = new HashMap<>();
        for (ConsumerRecord<String, SpecificRecord> record : records(prefix)) {
            if (record.value() == null) {
                table.remove(record.key());
            } else {
                table.put(record.key(), record.value());
            }
        }
        return new Table(table);
    }

    @Override
    public void close() throws Exception {
        broker.close();
    }

    /** The latest record of every key. */
    record Table(Map<String, SpecificRecord> byKey) {
        List<Ownership> owners(String address) {
            return byKey.get("ip/" + address) instanceof AddressOwners owners ? owners.getOwners() : List.of();
        }

        /** The present owner of the address as {@code Kind namespace/name}; null if it has none. */
        @Nullable
        String owner(String address) {
            return owners(address).stream()
                    .filter(owner -> owner.getUntil() == null)
                    .map(Ownership::getIdentity)
                    .map(identity -> identity.getKind() + " " + identity.getNamespace() + "/" + identity.getName())
                    .findFirst()
                    .orElse(null);
        }

        /** The workload of the address's present owner as {@code Kind namespace/name}; null if it has no owner. */
        @Nullable
        String workload(String address) {
            return owners(address).stream()
                    .filter(owner -> owner.getUntil() == null)
                    .map(owner -> owner.getIdentity().getWorkload())
                    .map(ref -> ref.getKind() + " " + ref.getNamespace() + "/" + ref.getName())
                    .findFirst()
                    .orElse(null);
        }

        /** For each partition, the time up to which the enricher has written everything that happened in the cluster. */
        List<Instant> progress() {
            return byKey.values().stream()
                    .filter(IdentityProgress.class::isInstance)
                    .map(progress -> ((IdentityProgress) progress).getCompleteAsOf())
                    .toList();
        }

        Identity identity(String key) {
            return (Identity) Objects.requireNonNull(byKey.get(key), key);
        }
    }
}
