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
 * A producer that outlives its own failures: it is made when it can be made, and made anew when it broke. Every record
 * given to {@link #send} is answered exactly once. Figures may be read by any thread; everything else is for one.
 */
public final class KafkaSender implements AutoCloseable {
    /** What became of a record. */
    public enum Outcome {
        /** Kafka has it. */
        ACKNOWLEDGED,
        /** Kafka will never take it, for a reason in the record itself. */
        REFUSED,
        /** It did not arrive, as far as is known, for a reason outside the record. */
        UNSENT
    }

    /** Is told what became of a record, on any thread, once. */
    @FunctionalInterface
    public interface Completion {
        /** Must return soon and throw nothing. */
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
     * A sender without a producer yet.
     *
     * @param producers makes a producer, or throws {@link KafkaException}; those made are closed here
     * @param nanoTime as {@link System#nanoTime}
     */
    public KafkaSender(Supplier<Producer<byte[], byte[]>> producers, LongSupplier nanoTime) {
        this.producers = producers;
        this.nanoTime = nanoTime;
        this.createNotBefore = nanoTime.getAsLong();
        this.lastAcknowledgedNanos = createNotBefore;
    }

    /**
     * Hands a record to the producer; waits for room in its buffer for as long as its {@code max.block.ms}.
     *
     * @return whether there is sense in sending more at once; false when this record came back unsent
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
            // Not the record itself: the producer has copied it, and thousands are on their way at a time.
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
                            .log("Kafka refuses a record: it is left out and counted");
                }
                case UNSENT -> {
                    failures.incrementAndGet();
                    lastFailure = reason(failure);
                    // What a new attempt of the same producer cannot mend: fenced, closed, sequence lost.
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

    /** Records given to the producer that are not answered yet. */
    public long inFlight() {
        return inFlight.get();
    }

    /** Records that Kafka acknowledged. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Records left out because Kafka will never take them. */
    public long refused() {
        return refused.get();
    }

    /** Attempts that failed for a reason outside the record. */
    public long failures() {
        return failures.get();
    }

    /** When Kafka last acknowledged a record, on the clock given; when this was made where it never did. */
    public long lastAcknowledgedNanos() {
        return lastAcknowledgedNanos;
    }

    /** Why the last attempt failed; empty where none did. */
    public String lastFailure() {
        return lastFailure;
    }

    /** Closes the producer; what it has not sent comes back as unsent. */
    @Override
    public void close() {
        Producer<byte[], byte[]> current = producer;
        producer = null;
        if (current != null) {
            current.close(Duration.ZERO);
        }
    }
}
