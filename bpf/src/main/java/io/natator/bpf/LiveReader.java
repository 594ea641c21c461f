package io.natator.bpf;

import io.natator.bpf.libbpf.BpfIterator;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.SystemCalls;
import java.util.function.Consumer;

/**
 * Reads the counters of live (open) TCP connections. Before that, runs the iterator program that refreshes these
 * counters.
 */
final class LiveReader implements AutoCloseable {
    private final BpfIterator refresh;
    private final BpfMap live;
    private final KernelStatistics statistics;
    private long tracked;

    LiveReader(BpfIterator refresh, BpfMap live, KernelStatistics statistics) {
        this.refresh = refresh;
        this.live = live;
        this.statistics = statistics;
    }

    void read(SocketSource.LiveSelection selection, Consumer<SocketRecord> consumer) {
        long begin = SystemCalls.bootNanos();
        long skippedBefore = statistics.count(KernelStatistic.LIVE_SKIPPED);
        refresh.run();
        long[] count = {0};
        live.forEach((key, value) -> {
            // Skips an entry that this run of the program has not refreshed. The programs delete it when its connection
            // ends.
            if (RecordLayout.observedNanos(value) >= begin) {
                count[0]++;
                if (RecordLayout.isWanted(value, selection)) {
                    consumer.accept(RecordLayout.socket(value));
                }
            }
        });
        tracked = count[0] + statistics.count(KernelStatistic.LIVE_SKIPPED) - skippedBefore;
    }

    /**
     * Returns the number of live connections at the last reading, including connections above the capacity of the map.
     */
    long tracked() {
        return tracked;
    }

    @Override
    public void close() {
        refresh.close();
    }
}
