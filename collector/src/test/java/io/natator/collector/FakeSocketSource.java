package io.natator.collector;

import io.natator.bpf.Fill;
import io.natator.bpf.KernelStatistic;
import io.natator.bpf.SocketBatch;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketSource;
import io.natator.bpf.SocketSourceStatistics;
import io.natator.bpf.libbpf.ProgramStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A source that returns the records that a test adds. It stores the records until they are released. Thread-safe. */
public final class FakeSocketSource implements SocketSource {
    private final List<SocketRecord> events = new ArrayList<>();
    private final List<SocketRecord> live = new ArrayList<>();
    private int read;
    private int released;
    private int largestReadAhead;
    private boolean releasedOutOfOrder;
    private boolean failing;
    private boolean closed;
    private final Set<Thread> measuringThreads = new HashSet<>();

    public synchronized void happen(SocketRecord... records) {
        events.addAll(Arrays.asList(records));
    }

    public synchronized void live(SocketRecord... records) {
        live.clear();
        live.addAll(Arrays.asList(records));
    }

    public synchronized void failing(boolean fails) {
        failing = fails;
    }

    @Override
    public synchronized SocketBatch poll(int limit) {
        if (failing) {
            throw new IllegalStateException("the kernel does not answer");
        }
        int from = read;
        int to = Math.min(events.size(), from + limit);
        read = to;
        largestReadAhead = Math.max(largestReadAhead, read - released);
        return new Batch(List.copyOf(events.subList(from, to)), from, to);
    }

    private final class Batch implements SocketBatch {
        private final List<SocketRecord> records;
        private final int from;
        private final int to;

        private Batch(List<SocketRecord> records, int from, int to) {
            this.records = records;
            this.from = from;
            this.to = to;
        }

        @Override
        public List<SocketRecord> records() {
            return records;
        }

        @Override
        public void release() {
            synchronized (FakeSocketSource.this) {
                releasedOutOfOrder |= from != released;
                released = to;
            }
        }
    }

    @Override
    public synchronized void preview(LiveSelection selection, Consumer<SocketRecord> consumer) {
        readLive(selection, consumer);
    }

    @Override
    public synchronized void readLive(LiveSelection selection, Consumer<SocketRecord> consumer) {
        live.stream()
                .filter(record -> selection.wants(record.id(), record.counters()))
                .forEach(consumer);
    }

    @Override
    public synchronized SocketSourceStatistics statistics() {
        measuringThreads.add(Thread.currentThread());
        return new SocketSourceStatistics(
                Map.of(
                        KernelStatistic.OPENED, 11L,
                        KernelStatistic.CLOSED, 12L,
                        KernelStatistic.FAILED, 13L,
                        KernelStatistic.SPILLED, 14L,
                        KernelStatistic.FOLDED, 15L,
                        KernelStatistic.LOST, 16L,
                        KernelStatistic.OPENS_SKIPPED, 20L,
                        KernelStatistic.LIVE_SKIPPED, 21L,
                        KernelStatistic.EXCLUDED, 24L,
                        KernelStatistic.LISTENERS_SKIPPED, 25L),
                22,
                Fill.used(events.size() - released).of(4096),
                Fill.used(live.size()).of(1000),
                Fill.used(17).of(100),
                Fill.used(19).of(200),
                Map.of("tcp_state_one", new ProgramStatistics(2_500_000_000L, 23, 18)));
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    /** Returns the number of events that were read. */
    public synchronized int read() {
        return read;
    }

    /** Returns the number of events that were released. */
    public synchronized int released() {
        return released;
    }

    /** Returns the maximum number of events that were read but not yet released at the same time. */
    public synchronized int largestReadAhead() {
        return largestReadAhead;
    }

    public synchronized boolean releasedOutOfOrder() {
        return releasedOutOfOrder;
    }

    /** Returns the threads that have read the statistics. */
    public synchronized Set<Thread> measuringThreads() {
        return Set.copyOf(measuringThreads);
    }

    public synchronized boolean closed() {
        return closed;
    }
}
