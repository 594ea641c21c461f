package io.natator.collector.handover;

import io.natator.bpf.SocketBatch;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketSource;
import io.natator.collector.handover.KafkaSender.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Forwards events (opens and closes) from the kernel to Kafka without loss. It reads events in batches. When Kafka has
 * acknowledged all records of a batch, it releases the batch in the kernel, in the order of reading. A record that did
 * not arrive is sent again. A record that arrives twice does no harm, because its counters are cumulative. The number
 * of unacknowledged events in memory is limited. At the limit nothing is read, and events stay in the kernel's ring
 * buffer. One thread calls {@link #poll}, {@link #retryUnsent} and {@link #release}; any thread can call the other
 * methods.
 */
public final class Handover {
    /**
     * Maximum number of records in a batch. It is small, because one slow record delays the release of its whole batch.
     */
    private static final int BATCH_RECORDS = 512;

    /** The value of {@link #oldestUnacknowledgedNanos} if all events are acknowledged. */
    public static final long NONE = -1;

    private static final class Batch {
        private final SocketBatch kernel;
        private final int events;
        private final long observedNanos;
        private final AtomicInteger waiting;

        private Batch(SocketBatch kernel, int events, long observedNanos, int toSend) {
            this.kernel = kernel;
            this.events = events;
            this.observedNanos = observedNanos;
            this.waiting = new AtomicInteger(toSend);
        }
    }

    private record Unsent(ProducerRecord<byte[], byte[]> record, Batch batch) {}

    private final SocketSource source;
    private final Function<SocketRecord, @Nullable ProducerRecord<byte[], byte[]>> mapper;
    private final KafkaSender sender;
    private final int maxUnacknowledged;
    private final Deque<Batch> batches = new ArrayDeque<>();
    private final Deque<Unsent> outbox = new ArrayDeque<>();
    private final Queue<Unsent> returned = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unacknowledgedRecords = new AtomicInteger();
    /**
     * Number of events in batches that are not released in the kernel yet. A batch is released as a whole, so this
     * number also includes acknowledged events, if other events of their batch are unacknowledged.
     */
    private int unreleasedEvents;

    private volatile int unacknowledgedBatches;
    private volatile long oldestUnacknowledgedNanos = NONE;

    /**
     * Creates a handover. It reads nothing before the first {@link #poll}.
     *
     * @param mapper returns the record to send for an event, or null to send none; called at most once per event
     * @param maxUnacknowledged maximum number of events that are read but not released in the kernel, positive
     */
    public Handover(
            SocketSource source,
            Function<SocketRecord, @Nullable ProducerRecord<byte[], byte[]>> mapper,
            KafkaSender sender,
            int maxUnacknowledged) {
        this.source = source;
        this.mapper = mapper;
        this.sender = sender;
        this.maxUnacknowledged = maxUnacknowledged;
    }

    /**
     * Releases acknowledged batches and sends records again that did not arrive. Then reads and sends new events, until
     * there are no more or the limit of unacknowledged events is reached.
     */
    public void poll() {
        boolean producerAccepts = retryUnsent();
        while (producerAccepts) {
            int free = maxUnacknowledged - unreleasedEvents;
            if (free <= 0) {
                break;
            }
            SocketBatch batch = source.poll(Math.min(free, BATCH_RECORDS));
            if (batch.records().isEmpty()) {
                // An empty batch must be released too, because it can have skipped records in the ring buffer.
                add(batch, 0, List.of());
                break;
            }
            add(batch, batch.records().size(), SupersededOpens.remove(batch.records()));
            producerAccepts = sendOutbox();
        }
        release();
    }

    /**
     * Releases acknowledged batches and sends records again that did not arrive. Reads nothing from the kernel.
     *
     * @return whether the producer accepted all records
     */
    public boolean retryUnsent() {
        release();
        for (Unsent unsent = returned.poll(); unsent != null; unsent = returned.poll()) {
            outbox.add(unsent);
        }
        return sendOutbox();
    }

    private void add(SocketBatch kernel, int events, List<SocketRecord> toSend) {
        List<ProducerRecord<byte[], byte[]>> records =
                toSend.stream().map(mapper).filter(record -> record != null).toList();
        long observedNanos = kernel.records().isEmpty()
                ? NONE
                : kernel.records().getFirst().lifecycle().observedNanos();
        var batch = new Batch(kernel, events, observedNanos, records.size());
        unreleasedEvents += events;
        unacknowledgedRecords.addAndGet(records.size());
        batches.add(batch);
        updateFigures();
        records.forEach(record -> outbox.add(new Unsent(record, batch)));
    }

    /**
     * Gives the records in the outbox to the producer. If the producer does not accept a record, the records after it
     * stay in the outbox until the next poll. Returns whether the producer accepted all records.
     */
    private boolean sendOutbox() {
        for (Unsent next = outbox.poll(); next != null; next = outbox.poll()) {
            Unsent unsent = next;
            if (!sender.send(unsent.record, outcome -> complete(unsent, outcome))) {
                return false;
            }
        }
        return true;
    }

    private void complete(Unsent sent, Outcome outcome) {
        switch (outcome) {
            case ACKNOWLEDGED, REFUSED -> {
                unacknowledgedRecords.decrementAndGet();
                sent.batch.waiting.decrementAndGet();
            }
            case UNSENT -> returned.add(sent);
        }
    }

    /** Releases the oldest batches in the kernel, until the first batch that has an unacknowledged record. */
    public void release() {
        for (Batch head = batches.peek(); head != null && head.waiting.get() == 0; head = batches.peek()) {
            head.kernel.release();
            batches.remove();
            unreleasedEvents -= head.events;
        }
        updateFigures();
    }

    private void updateFigures() {
        unacknowledgedBatches = batches.size();
        Batch head = batches.peek();
        oldestUnacknowledgedNanos = head == null ? NONE : head.observedNanos;
    }

    /** Returns the number of events (opens and closes) that were read but that Kafka has not acknowledged. */
    public int unacknowledgedRecords() {
        return unacknowledgedRecords.get();
    }

    /** Returns the number of batches that were read but are not released in the kernel. */
    public int unacknowledgedBatches() {
        return unacknowledgedBatches;
    }

    /**
     * Returns when the oldest unreleased event was observed, in nanoseconds since boot; {@link #NONE} if there is none.
     */
    public long oldestUnacknowledgedNanos() {
        return oldestUnacknowledgedNanos;
    }
}
