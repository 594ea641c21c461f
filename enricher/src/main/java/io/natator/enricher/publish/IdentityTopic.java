package io.natator.enricher.publish;

import io.natator.enricher.ownership.RecordUpdate;
import io.natator.schemas.ClusterName;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import io.natator.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Reads and writes what the {@code identities} topic contains about one cluster, which has one writer at a time.
 * {@link #open} takes over from the writer before: all writers of a cluster use the same transactional id, so Kafka
 * fences (rejects) every earlier writer (KIP-98). Therefore {@link #readAll} afterwards reads everything that was
 * written. Records about other clusters are neither read nor written. Every operation is retried until it succeeds
 * or the writer is no longer wanted. Not thread-safe.
 */
public final class IdentityTopic implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IdentityTopic.class);
    /** Maximum records of one transaction. */
    public static final int MAX_BATCH = 5_000;

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Map<String, Object> clientConfig;
    private final Place place;
    private final BooleanSupplier isWanted;
    private final Statistics statistics;
    private final String name;
    private final TopicSerdes serdes;
    private final Serde<SpecificRecord> serde;
    private @Nullable KafkaProducer<String, byte[]> producer;
    private boolean failing;

    /** The counters of a topic. Thread-safe. */
    public static final class Statistics {
        private final LongAdder written = new LongAdder();
        private final LongAdder unreadable = new LongAdder();

        /** Records committed, including tombstones. */
        public LongAdder written() {
            return written;
        }

        /** Records that could not be read back. */
        public LongAdder unreadable() {
            return unreadable;
        }
    }

    /**
     * @param clientConfig properties of every Kafka client, such as bootstrap servers and security
     * @param serdes how values are serialized and deserialized
     * @param place where the cluster's records are
     * @param isWanted returns false when this writer has to stop
     */
    public IdentityTopic(
            Map<String, Object> clientConfig,
            TopicSerdes serdes,
            Place place,
            BooleanSupplier isWanted,
            Statistics statistics) {
        this.clientConfig = Map.copyOf(clientConfig);
        this.serdes = serdes;
        this.serde = serdes.identity();
        this.place = place;
        this.isWanted = isWanted;
        this.statistics = statistics;
        this.name = Topic.IDENTITIES.name(place.prefix());
    }

    /**
     * Where the records about a cluster are.
     *
     * @param prefix start of the topic's name
     * @param cluster the cluster
     * @param partitions number of partitions if the topic has to be created
     */
    public record Place(String prefix, ClusterName cluster, int partitions) {}

    private interface Attempt {
        void run() throws InterruptedException, ExecutionException, DeposedException;
    }

    /** Creates the topic if it is missing, and fences every earlier writer. */
    public void open() throws InterruptedException, DeposedException {
        untilDone("take over the topic", () -> {
            try (Admin admin = Admin.create(clientConfig)) {
                Topics.createMissing(admin, place.prefix(), List.of(Topic.IDENTITIES), place.partitions());
            }
            producer();
        });
        untilDone("register the schema", () -> serdes.register(place.prefix(), List.of(Topic.IDENTITIES)));
    }

    private KafkaProducer<String, byte[]> producer() {
        if (producer != null) {
            return producer;
        }
        Map<String, Object> config = new HashMap<>(clientConfig);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, place.cluster().appendTo(place.prefix() + "enricher"));
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        var created = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        try {
            created.initTransactions();
        } catch (RuntimeException e) {
            created.close(Duration.ZERO);
            throw e;
        }
        producer = created;
        return created;
    }

    /** Passes the latest value of every key of this cluster, without the cluster's name, to the receiver. Reads one partition after the other to save memory. */
    public void readAll(BiConsumer<String, SpecificRecord> receiver) throws InterruptedException, DeposedException {
        List<TopicPartition> all = new ArrayList<>();
        untilDone("read back the topic", () -> {
            try (var consumer = consumer()) {
                consumer.partitionsFor(name)
                        .forEach(partition -> all.add(new TopicPartition(name, partition.partition())));
            }
        });
        int unreadable = 0;
        for (TopicPartition partition : all) {
            Map<String, byte[]> latest = new HashMap<>();
            untilDone("read back the topic", () -> {
                latest.clear();
                readInto(latest, partition);
            });
            unreadable += passTo(receiver, latest);
        }
        if (unreadable > 0) {
            log.atWarn()
                    .addKeyValue("topic", name)
                    .addKeyValue("records", unreadable)
                    .log("Could not read some records back: they stay in the topic until their keys are written again");
        }
    }

    /** Deserializes the records and passes them to the receiver. Returns the number of records that cannot be read. */
    private int passTo(BiConsumer<String, SpecificRecord> receiver, Map<String, byte[]> latest) {
        int unreadable = 0;
        for (var entries = latest.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<String, byte[]> entry = entries.next();
            entries.remove();
            try {
                receiver.accept(entry.getKey(), serde.deserializer().deserialize(name, entry.getValue()));
            } catch (SerializationException e) {
                unreadable++;
                statistics.unreadable().increment();
                log.atDebug()
                        .addKeyValue("topic", name)
                        .addKeyValue("key", entry.getKey())
                        .addKeyValue("reason", e.getMessage())
                        .log("Could not read a record back");
            }
        }
        return unreadable;
    }

    private KafkaConsumer<String, byte[]> consumer() {
        Map<String, Object> config = new HashMap<>(clientConfig);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private void readInto(Map<String, byte[]> latest, TopicPartition partition) {
        try (var consumer = consumer()) {
            List<TopicPartition> one = List.of(partition);
            consumer.assign(one);
            consumer.seekToBeginning(one);
            long end = consumer.endOffsets(one).getOrDefault(partition, 0L);
            while (isWanted.getAsBoolean() && consumer.position(partition) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    String key = record.key() == null
                            ? null
                            : place.cluster().localKey(record.key()).orElse(null);
                    if (key == null) {
                        continue;
                    }
                    if (record.value() == null) {
                        latest.remove(key);
                    } else {
                        latest.put(key, record.value());
                    }
                }
            }
        }
    }

    /**
     * Writes the records in one transaction. The transaction is committed if this method returns while the writer is
     * still wanted.
     *
     * @param updates should be at most {@link #MAX_BATCH}, so that a transaction ends within seconds
     */
    public void write(List<RecordUpdate> updates) throws InterruptedException, DeposedException {
        write(updates, null);
    }

    /**
     * Writes the records in one transaction, with the progress of every partition. It is committed if this returns while the writer is still wanted.
     *
     * @param completeAsOf with these records the topic contains everything that happened in the cluster up to this time,
     *     and every partition says so; null to write no progress
     */
    public void write(List<RecordUpdate> updates, @Nullable Instant completeAsOf)
            throws InterruptedException, DeposedException {
        if (updates.isEmpty() && completeAsOf == null) {
            return;
        }
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(updates.size());
        for (RecordUpdate update : updates) {
            byte[] value = update.value() == null ? null : serde.serializer().serialize(name, update.value());
            records.add(new ProducerRecord<>(name, place.cluster().key(update.key()), value));
        }
        untilDone("write to the topic", () -> writeOnce(records, completeAsOf));
    }

    private void writeOnce(List<ProducerRecord<String, byte[]>> records, @Nullable Instant completeAsOf) {
        KafkaProducer<String, byte[]> current = producer();
        current.beginTransaction();
        for (ProducerRecord<String, byte[]> record : records) {
            var _ = current.send(record); // the commit fails if a send fails
        }
        if (completeAsOf != null) {
            int count = current.partitionsFor(name).size();
            byte[] progress = serde.serializer().serialize(name, new IdentityProgress(completeAsOf, count));
            for (int partition = 0; partition < count; partition++) {
                String key = place.cluster().key(IdentityKeys.ofProgress(partition));
                var _ = current.send(new ProducerRecord<>(name, partition, key, progress));
            }
        }
        current.commitTransaction();
        statistics.written().add(records.size());
    }

    /**
     * @param what the action for a log line, such as {@code write to the topic} in {@code Could not write to the topic}
     */
    private void untilDone(String what, Attempt attempt) throws InterruptedException, DeposedException {
        Duration pause = FIRST_PAUSE;
        while (isWanted.getAsBoolean()) {
            try {
                attempt.run();
                if (failing) {
                    failing = false;
                    log.atInfo().addKeyValue("topic", name).log("The broker responds again");
                }
                return;
            } catch (InterruptException e) {
                throw interrupted(e);
            } catch (KafkaException | ExecutionException e) {
                if (isFenced(e)) {
                    throw new DeposedException(e);
                }
                // It is unknown whether the transaction was committed. A new producer aborts it, and all records are
                // sent again.
                discardProducer();
                log.atLevel(failing ? Level.DEBUG : Level.WARN)
                        .addKeyValue("topic", name)
                        .addKeyValue("reason", reason(e))
                        .log("Could not " + what + ": it is retried until the broker responds; no data is lost");
                failing = true;
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private static InterruptedException interrupted(InterruptException e) {
        var interrupted = new InterruptedException("interrupted while waiting for the broker");
        interrupted.initCause(e);
        return interrupted;
    }

    private static boolean isFenced(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException
                    || cause instanceof org.apache.kafka.common.errors.InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    private static String reason(Throwable thrown) {
        Throwable cause =
                thrown instanceof ExecutionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private void discardProducer() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(CLOSE_TIMEOUT);
            producer = null;
        }
    }
}
