package io.natator.collector;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketSource;
import io.natator.bpf.libbpf.SystemCalls;
import io.natator.collector.handover.KafkaSender;
import io.natator.collector.snapshot.ChangeDetection;
import io.natator.collector.snapshot.SnapshotEncoder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Publishes the counters of open connections in snapshots. Each snapshot is a pass over all open connections;
 * {@link ChangeDetection} decides which of them are sent. If a record does not reach Kafka, it is not sent again; the
 * next pass sends the connection with newer counters. One thread calls {@link #publish}; any thread can call the other
 * methods.
 */
final class LiveSnapshots {
    private final SocketSource source;
    private final SnapshotEncoder encoder;
    private final KafkaSender sender;
    private final ChangeDetection changes;
    private final LongSupplier nanoTime;
    private final Queue<ConnectionId> unsent = new ConcurrentLinkedQueue<>();
    private final AtomicLong passes = new AtomicLong();
    private final AtomicLong totalNanos = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();

    LiveSnapshots(
            SocketSource source,
            SnapshotEncoder encoder,
            KafkaSender sender,
            ChangeDetection changes,
            LongSupplier nanoTime) {
        this.source = source;
        this.encoder = encoder;
        this.sender = sender;
        this.changes = changes;
        this.nanoTime = nanoTime;
    }

    /** Runs one pass over all open connections. */
    void publish() {
        long begin = nanoTime.getAsLong();
        for (ConnectionId lost = unsent.poll(); lost != null; lost = unsent.poll()) {
            changes.onUnsent(lost);
        }
        changes.beginSnapshot();
        var pass = new Pass(begin);
        encoder.peers().beginPreview(SystemCalls.bootNanos());
        source.preview((connection, counters) -> changes.isNew(connection), encoder.peers()::observe);
        source.readLive(pass::isDue, pass::onLive);
        encoder.peers().expire();
        changes.endSnapshot();
        totalNanos.addAndGet(nanoTime.getAsLong() - begin);
        passes.incrementAndGet();
    }

    private final class Pass {
        private final long nowNanos;
        private boolean producerAccepts = true;

        private Pass(long nowNanos) {
            this.nowNanos = nowNanos;
        }

        private boolean isDue(ConnectionId connection, Counters counters) {
            // isDue is called even if the producer accepts no more records, because the call also marks the connection
            // as open.
            return changes.isDue(connection, counters, nowNanos) && producerAccepts;
        }

        private void onLive(SocketRecord live) {
            encoder.peers().observe(live);
            if (!producerAccepts || encoder.peers().isTooEarly(live) || !encoder.accepts(live)) {
                return;
            }
            ProducerRecord<byte[], byte[]> record = encoder.encode(live);
            if (record == null) {
                return;
            }
            ConnectionId connection = live.id();
            changes.onSent(live, nowNanos);
            producerAccepts = sender.send(record, outcome -> {
                switch (outcome) {
                    case ACKNOWLEDGED -> acknowledged.incrementAndGet();
                    case REFUSED -> {}
                    case UNSENT -> unsent.add(connection);
                }
            });
        }
    }

    /** Returns how many passes have been run. */
    long passes() {
        return passes.get();
    }

    /**
     * Returns how long all passes took in total, in nanoseconds. A pass reads and encodes records, and gives them to
     * the producer.
     */
    long totalNanos() {
        return totalNanos.get();
    }

    /** Returns the number of records from snapshots that Kafka has acknowledged. */
    long acknowledged() {
        return acknowledged.get();
    }
}
