package io.natator.bpf;

import io.natator.bpf.libbpf.BpfIterator;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.SystemCalls;
import java.util.function.Consumer;

/** Has the kernel refresh the counters of every live connection, and reads them. */
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
            // What this refresh did not reach is not forgotten: the kernel side takes it out when its connection ends.
            if (RecordLayout.observedNanos(value) >= begin) {
                count[0]++;
                if (RecordLayout.isWanted(value, selection)) {
                    consumer.accept(RecordLayout.socket(value));
                }
            }
        });
        tracked = count[0] + statistics.count(KernelStatistic.LIVE_SKIPPED) - skippedBefore;
    }

    /** How many connections were live when they were read last, those without room in the map included. */
    long tracked() {
        return tracked;
    }

    @Override
    public void close() {
        refresh.close();
    }
}
