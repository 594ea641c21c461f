package io.natator.collector.handover;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends records with a Kafka producer, and replaces the producer after a fatal error. Each {@link #send} calls its
 * completion exactly once. One thread calls {@link #send} and {@link #close}; any thread can call the other methods.
 */
public final class KafkaSender implements AutoCloseable {
    /** The outcome of sending a record. */
    public enum Outcome {
        /** Kafka has acknowledged the record. */
        ACKNOWLEDGED,
        /** Kafka will never accept the record, for example because it is too large. It must not be sent again. */
        REFUSED,
        /**
         * The record probably did not arrive, because of the network, the brokers or the producer. It should be sent
         * again.
         */
        UNSENT
    }

    /** Receives the outcome of sending a record. Called once, on any thread. */
    @FunctionalInterface
    public interface Completion {
        /** Receives the outcome. Must return quickly, and must not throw. */
        void complete(Outcome outcome);
    }

    private static final Logger log = LoggerFactory.getLogger(KafkaSender.class);
    /** Minimum time between two attempts to create a producer. */
    private static final Duration CREATE_AGAIN_AFTER = Duration.ofSeconds(2);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final LongSupplier nanoTime;
    private final AtomicLong inFlight = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile long lastAcknowledgedNanos;
    private volatile String lastFailure = "";
    private volatile @Nullable Producer<byte[], byte[]> broken;
    private @Nullable Producer<byte[], byte[]> producer;
    private long createNotBefore;

    /**
     * Creates a sender. The first {@link #send} creates the producer.
     *
     * @param producers creates a producer, or throws {@link KafkaException}; this sender closes the producer
     * @param nanoTime a monotonic clock such as {@link System#nanoTime}
     */
    public KafkaSender(Supplier<Producer<byte[], byte[]>> producers, LongSupplier nanoTime) {
        this.producers = producers;
        this.nanoTime = nanoTime;
        this.createNotBefore = nanoTime.getAsLong();
        this.lastAcknowledgedNanos = createNotBefore;
    }

    /**
     * Gives a record to the producer. Waits at most {@code max.block.ms} for space in the producer's buffer.
     *
     * @return false if the producer did not accept the record. The caller should then wait before it sends further
     *     records
     */
    public boolean send(ProducerRecord<byte[], byte[]> record, Completion completion) {
        Producer<byte[], byte[]> current = usableProducer();
        if (current == null) {
            completion.complete(Outcome.UNSENT);
            return false;
        }
        inFlight.incrementAndGet();
        var delivery = new Delivery(current, record, completion);
        try {
            var _ = current.send(record, (metadata, failure) -> delivery.finish(failure));
        } catch (RuntimeException e) {
            delivery.finish(e);
        }
        return delivery.outcome != Outcome.UNSENT;
    }

    private final class Delivery {
        private final Producer<byte[], byte[]> sentBy;
        private final String topic;
        private final int bytes;
        private final Completion completion;
        private volatile @Nullable Outcome outcome;

        private Delivery(
                Producer<byte[], byte[]> sentBy, ProducerRecord<byte[], byte[]> record, Completion completion) {
            this.sentBy = sentBy;
            // The callback does not store the record: thousands are in flight at a time, and the producer already has a
            // copy of each.
            this.topic = record.topic();
            this.bytes = record.value() == null ? 0 : record.value().length;
            this.completion = completion;
        }

        private void finish(@Nullable Exception failure) {
            Outcome result = outcomeOf(failure);
            switch (result) {
                case ACKNOWLEDGED -> {
                    acknowledged.incrementAndGet();
                    lastAcknowledgedNanos = nanoTime.getAsLong();
                }
                case REFUSED -> {
                    log.atLevel(
                                    refused.getAndIncrement() == 0
                                            ? org.slf4j.event.Level.WARN
                                            : org.slf4j.event.Level.DEBUG)
                            .addKeyValue("topic", topic)
                            .addKeyValue("bytes", bytes)
                            .addKeyValue("reason", reason(failure))
                            .log("Kafka refused a record; it is dropped and counted");
                }
                case UNSENT -> {
                    failures.incrementAndGet();
                    lastFailure = reason(failure);
                    // This producer cannot be used any more: it is fenced or closed, or a sequence number was skipped.
                    if (!(failure instanceof RetriableException)) {
                        broken = sentBy;
                    }
                }
            }
            outcome = result;
            inFlight.decrementAndGet();
            completion.complete(result);
        }
    }

    private static Outcome outcomeOf(@Nullable Exception failure) {
        return switch (failure) {
            case null -> Outcome.ACKNOWLEDGED;
            case RecordTooLargeException e -> Outcome.REFUSED;
            case RecordBatchTooLargeException e -> Outcome.REFUSED;
            case InvalidRecordException e -> Outcome.REFUSED;
            default -> Outcome.UNSENT;
        };
    }

    private static String reason(@Nullable Exception failure) {
        if (failure == null) {
            return "";
        }
        Throwable cause = failure.getCause();
        return cause instanceof KafkaException && cause.getMessage() != null
                ? failure.getMessage() + ": " + cause.getMessage()
                : String.valueOf(failure.getMessage());
    }

    private @Nullable Producer<byte[], byte[]> usableProducer() {
        Producer<byte[], byte[]> current = producer;
        if (current != null && !current.equals(broken)) {
            return current;
        }
        long now = nanoTime.getAsLong();
        if (now - createNotBefore < 0) {
            return null;
        }
        createNotBefore = now + CREATE_AGAIN_AFTER.toNanos();
        if (current != null) {
            producer = null;
            current.close(Duration.ZERO);
        }
        try {
            producer = producers.get();
            return producer;
        } catch (KafkaException e) {
            failures.incrementAndGet();
            lastFailure = reason(e);
            return null;
        }
    }

    /** Returns how many records were given to the producer and have no outcome yet. */
    public long inFlight() {
        return inFlight.get();
    }

    /** Returns how many records Kafka has acknowledged. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Returns how many records had the outcome {@link Outcome#REFUSED}. */
    public long refused() {
        return refused.get();
    }

    /** Returns how many attempts failed to send a record ({@link Outcome#UNSENT}) or to create a producer. */
    public long failures() {
        return failures.get();
    }

    /**
     * Returns when Kafka last acknowledged a record, on the clock that was passed to the constructor. If Kafka never
     * did, returns the time of construction.
     */
    public long lastAcknowledgedNanos() {
        return lastAcknowledgedNanos;
    }

    /** Returns why the last failed attempt to send failed; empty if no attempt has failed. */
    public String lastFailure() {
        return lastFailure;
    }

    /** Closes the producer. Records that the producer has not sent get the outcome {@link Outcome#UNSENT}. */
    @Override
    public void close() {
        Producer<byte[], byte[]> current = producer;
        producer = null;
        if (current != null) {
            current.close(Duration.ZERO);
        }
    }
}
