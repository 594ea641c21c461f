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
 * Takes events out of the kernel's hands when, and only when, Kafka has them: reads ahead in batches, gives a batch back
 * when all its records are acknowledged, in the order of reading, and sends again what did not arrive. Counters in the
 * records are cumulative, so that a record that arrives twice does no harm. What waits here is bounded; beyond the bound
 * nothing is read, and the kernel's ring is the buffer. {@link #poll} and {@link #release} are for one thread, figures for
 * any.
 */
public final class Handover {
    /** A batch is the unit of giving back: small enough that one slow record holds little back. */
    private static final int BATCH_RECORDS = 512;

    /** No event waits. */
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
    /** Also those of a batch that are acknowledged: it is given back as a whole, and only after those before it. */
    private int heldEvents;

    private volatile int unacknowledgedBatches;
    private volatile long oldestUnacknowledgedNanos = NONE;

    /**
     * A hand-over that has read nothing yet.
     *
     * @param mapper the record to send, null where there is none to be sent; called once for every event
     * @param maxUnacknowledged how many events may be read and not given back, positive
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
     * Gives back what is acknowledged, sends what came back unsent, and reads and sends what is new, until there is nothing
     * more or the bound is reached.
     */
    public void poll() {
        boolean roomLeft = sendAgain();
        while (roomLeft) {
            int room = maxUnacknowledged - heldEvents;
            if (room <= 0) {
                break;
            }
            SocketBatch batch = source.poll(Math.min(room, BATCH_RECORDS));
            if (batch.records().isEmpty()) {
                // An empty batch may still stand for space in the ring that nobody needs.
                add(batch, 0, List.of());
                break;
            }
            add(batch, batch.records().size(), Superseded.without(batch.records()));
            roomLeft = sendOutbox();
        }
        release();
    }

    /**
     * Gives back what is acknowledged and sends what came back unsent; reads nothing.
     *
     * @return whether everything could be given to the producer
     */
    public boolean sendAgain() {
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
        heldEvents += events;
        unacknowledgedRecords.addAndGet(records.size());
        batches.add(batch);
        publish();
        records.forEach(record -> outbox.add(new Unsent(record, batch)));
    }

    /** Whether all was taken; what was not stays where it is, until the next poll. */
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

    /**
     * Gives back the batches of which everything is acknowledged, oldest first, up to the first of which something is not.
     */
    public void release() {
        for (Batch head = batches.peek(); head != null && head.waiting.get() == 0; head = batches.peek()) {
            head.kernel.release();
            batches.remove();
            heldEvents -= head.events;
        }
        publish();
    }

    private void publish() {
        unacknowledgedBatches = batches.size();
        Batch head = batches.peek();
        oldestUnacknowledgedNanos = head == null ? NONE : head.observedNanos;
    }

    /** Records that were read and that Kafka has not acknowledged. */
    public int unacknowledgedRecords() {
        return unacknowledgedRecords.get();
    }

    /** Batches that were read and not given back. */
    public int unacknowledgedBatches() {
        return unacknowledgedBatches;
    }

    /** When, on the boot clock, the oldest event was observed that was read and not given back; {@link #NONE} without one. */
    public long oldestUnacknowledgedNanos() {
        return oldestUnacknowledgedNanos;
    }
}
