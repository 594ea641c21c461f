package io.natator.collector;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketSource;
import io.natator.collector.handover.KafkaSender;
import io.natator.collector.snapshot.ChangeDetection;
import io.natator.collector.snapshot.SnapshotEncoder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends the counters of live connections: those that changed, and the quiet ones once per heartbeat. What does not arrive
 * counts as changed in the next pass, so nothing is kept here for sending again. One thread; figures for any.
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
    private final AtomicLong handedOver = new AtomicLong();

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

    /** One pass over all live connections. */
    void send() {
        long begin = nanoTime.getAsLong();
        for (ConnectionId lost = unsent.poll(); lost != null; lost = unsent.poll()) {
            changes.unsent(lost);
        }
        changes.beginSnapshot();
        var pass = new Pass(begin);
        source.readLive(pass::isDue, pass::take);
        changes.endSnapshot();
        totalNanos.addAndGet(nanoTime.getAsLong() - begin);
        passes.incrementAndGet();
    }

    private final class Pass {
        private final long nowNanos;
        private boolean roomLeft = true;

        private Pass(long nowNanos) {
            this.nowNanos = nowNanos;
        }

        /** Asked even where nothing can be sent any more: it also marks the connection as alive. */
        private boolean isDue(ConnectionId connection, Counters counters) {
            return changes.isDue(connection, counters, nowNanos) && roomLeft;
        }

        private void take(SocketRecord live) {
            if (!roomLeft || !encoder.accepts(live)) {
                return;
            }
            ProducerRecord<byte[], byte[]> record = encoder.encode(live);
            if (record == null) {
                return;
            }
            ConnectionId connection = live.id();
            changes.sent(live, nowNanos);
            roomLeft = sender.send(record, outcome -> {
                switch (outcome) {
                    case ACKNOWLEDGED -> handedOver.incrementAndGet();
                    case REFUSED -> {}
                    case UNSENT -> unsent.add(connection);
                }
            });
        }
    }

    /** Passes made. */
    long passes() {
        return passes.get();
    }

    /** Time all passes took, from the first record read to the last given to the producer. */
    long totalNanos() {
        return totalNanos.get();
    }

    /** Live snapshots that Kafka acknowledged. */
    long acknowledged() {
        return handedOver.get();
    }
}
