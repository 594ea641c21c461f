package io.natator.bench.topology;

import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Topic;
import io.natator.schemas.Topics;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/** Writes the snapshots and identities of a {@link Workload} to the input topics. */
final class Prefill {
    /** A time after every run, because the identities of a run do not change. */
    private static final Instant COMPLETE_AS_OF = Instant.parse("2099-01-01T00:00:00Z");

    private static final int PROGRESS_INTERVAL = 500_000;

    private Prefill() {}

    /**
     * Creates all topics with the prefix, and fills the input topics.
     *
     * @return the size of all snapshots, in bytes
     */
    static long run(String bootstrapServers, String prefix, int partitions, Workload workload)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            Topics.createMissing(admin, prefix, EnumSet.allOf(Topic.class), partitions);
            Topics.createMissing(admin, prefix + PassThrough.PREFIX, Set.of(Topic.CONNECTIONS), partitions);
        }
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "linger.ms",
                20,
                "batch.size",
                1 << 18,
                "buffer.memory",
                64 << 20,
                // Idempotence is off, because a producer with idempotence waited for ever when its first batch had to
                // be retried on a busy machine.
                "enable.idempotence",
                false,
                "max.in.flight.requests.per.connection",
                1);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            identities(producer, Topic.IDENTITIES.name(prefix), partitions);
            return snapshots(producer, Topic.CONNECTIONS.name(prefix), workload);
        }
    }

    private static void identities(KafkaProducer<byte[], byte[]> producer, String topic, int partitions) {
        Serde<String> keys = NatatorSerdes.identityKey();
        Serde<SpecificRecord> values = NatatorSerdes.identity();
        for (int partition = 0; partition < partitions; partition++) {
            var progress = new IdentityProgress(COMPLETE_AS_OF, partitions);
            send(producer, topic, keys, IdentityKeys.ofProgress(partition), values, progress);
        }
        for (Workload.Pod pod : Workload.pods()) {
            send(producer, topic, keys, IdentityKeys.ofPod(pod.uid()), values, pod.self());
            send(producer, topic, keys, IdentityKeys.ofAddress(pod.address().array()), values, pod.owners());
        }
    }

    private static long snapshots(KafkaProducer<byte[], byte[]> producer, String topic, Workload workload) {
        long bytes = 0;
        for (long index = 0; index < workload.snapshots(); index++) {
            bytes += send(
                    producer,
                    topic,
                    NatatorSerdes.fingerprint(),
                    workload.fingerprint(index),
                    SNAPSHOTS,
                    workload.snapshot(index));
            if (index % PROGRESS_INTERVAL == PROGRESS_INTERVAL - 1) {
                System.err.printf("  filled %,d of %,d%n", index + 1, workload.snapshots());
            }
        }
        producer.flush();
        return bytes;
    }

    private static final Serde<io.natator.schemas.ConnectionSnapshot> SNAPSHOTS = NatatorSerdes.connectionSnapshot();

    private static <K, V> long send(
            KafkaProducer<byte[], byte[]> producer, String topic, Serde<K> keys, K key, Serde<V> values, V value) {
        byte[] bytes = values.serializer().serialize(topic, value);
        var _ = producer.send(
                new ProducerRecord<>(topic, keys.serializer().serialize(topic, key), bytes), Prefill::logFailure);
        return bytes.length;
    }

    /** Reports a failed write, because a run then waits for the missing snapshot until its timeout. */
    private static void logFailure(RecordMetadata written, @Nullable Exception failure) {
        if (failure != null) {
            System.err.println("  cannot write a snapshot: " + failure.getMessage()
                    + ": start again on a machine that is less busy");
        }
    }
}
