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
 * Sends records with a producer that it replaces after a fatal error. Every record given to {@link #send} is completed exactly once.
 * One thread sends; any thread may read the figures.
 */
public final class KafkaSender implements AutoCloseable {
    /** The outcome of sending a record. */
    public enum Outcome {
        /** Kafka has acknowledged it. */
        ACKNOWLEDGED,
        /** Kafka refuses it for good, for a reason in the record itself. */
        REFUSED,
        /** It probably did not arrive, for a reason outside the record. */
        UNSENT
    }

    /** Receives the outcome of a record, once, on any thread. */
    @FunctionalInterface
    public interface Completion {
        /** Must return quickly and not throw. */
        void complete(Outcome outcome);
    }

    private static final Logger log = LoggerFactory.getLogger(KafkaSender.class);
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
     * A sender that has no producer yet.
     *
     * @param producers creates a producer, or throws {@link KafkaException}; this sender closes it
     * @param nanoTime as {@link System#nanoTime}
     */
    public KafkaSender(Supplier<Producer<byte[], byte[]>> producers, LongSupplier nanoTime) {
        this.producers = producers;
        this.nanoTime = nanoTime;
        this.createNotBefore = nanoTime.getAsLong();
        this.lastAcknowledgedNanos = createNotBefore;
    }

    /**
     * Gives a record to the producer. Waits up to {@code max.block.ms} for space in its buffer.
     *
     * @return false if this record was not sent: then sending more at once is useless
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
            // Not the record itself: the producer has a copy, and thousands are in flight at a time.
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
                    // The same producer cannot recover: it is fenced, closed, or has lost its sequence.
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

    /** Records given to the producer that are not completed yet. */
    public long inFlight() {
        return inFlight.get();
    }

    /** Records that Kafka acknowledged. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Records that Kafka refused for good. */
    public long refused() {
        return refused.get();
    }

    /** Attempts that failed for a reason outside the record. */
    public long failures() {
        return failures.get();
    }

    /** When Kafka last acknowledged a record, on the clock of the constructor; the time of construction if it never did. */
    public long lastAcknowledgedNanos() {
        return lastAcknowledgedNanos;
    }

    /** Why the last attempt failed; empty if none did. */
    public String lastFailure() {
        return lastFailure;
    }

    /** Closes the producer. Records that it has not sent are completed as unsent. */
    @Override
    public void close() {
        Producer<byte[], byte[]> current = producer;
        producer = null;
        if (current != null) {
            current.close(Duration.ZERO);
        }
    }
}
