package io.natator.bpf;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the records of a tracker in batches, first from the ring buffer, then from the spill (map of closes that found
 * the ring buffer full), then from the fold (map of sums per address pair). Batches must be released in the order in
 * which they were read.
 */
final class EventReader implements AutoCloseable {
    private final RingBuffer ring;
    private final SpillReader spill;
    private final FoldReader fold;
    private final KernelStatistics statistics;
    private long batchesRead;
    private long batchesReleased;
    private boolean closed;

    EventReader(RingBuffer ring, SpillReader spill, FoldReader fold, KernelStatistics statistics) {
        this.ring = ring;
        this.spill = spill;
        this.fold = fold;
        this.statistics = statistics;
    }

    SocketBatch poll(int limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("limit of " + limit + " records: not positive");
        }
        List<SocketRecord> records = new ArrayList<>();
        ring.read(limit, record -> records.add(RecordLayout.socket(record)));
        List<SpillReader.Entry> spilled = List.of();
        if (records.size() < limit) {
            spilled = spill.read(limit - records.size(), statistics.count(KernelStatistic.SPILLED));
            spilled.forEach(entry -> records.add(entry.record()));
        }
        if (records.size() < limit) {
            records.addAll(fold.read(limit - records.size(), statistics.count(KernelStatistic.FOLDED)));
        }
        if (records.isEmpty()) {
            releaseDiscarded();
            // An empty batch needs no number in the order of releases, because it has nothing to release.
            return SocketBatch.EMPTY;
        }
        return new Batch(List.copyOf(records), ring.position(), spilled);
    }

    /**
     * Frees the space of records that the programs have discarded in the ring buffer. Releasing batches does not free
     * this space, because discarded records are in no batch.
     */
    private void releaseDiscarded() {
        if (batchesReleased == batchesRead) {
            ring.release(ring.position());
        }
    }

    @Override
    public void close() {
        closed = true;
        ring.close();
    }

    private final class Batch implements SocketBatch {
        private final List<SocketRecord> records;
        private final long ringEnd;
        private final List<SpillReader.Entry> spilled;
        private final long number = batchesRead++;
        private boolean released;

        Batch(List<SocketRecord> records, long ringEnd, List<SpillReader.Entry> spilled) {
            this.records = records;
            this.ringEnd = ringEnd;
            this.spilled = spilled;
        }

        @Override
        public List<SocketRecord> records() {
            return records;
        }

        /**
         * Releases the batch's records in the kernel. Does nothing if the source is closed: then the next source reads
         * the records again.
         */
        @Override
        public void release() {
            if (released || closed) {
                return;
            }
            if (number != batchesReleased) {
                throw new IllegalStateException("batch " + number + " not released: batch " + batchesReleased
                        + " comes first: release batches in the order in which they were read");
            }
            released = true;
            batchesReleased++;
            ring.release(ringEnd);
            spill.release(spilled);
        }
    }
}
