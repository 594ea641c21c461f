package io.natator.bpf;

import io.natator.bpf.libbpf.BpfMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the sums of the fold: each sum that has grown since it was last read. */
final class FoldReader {
    private final BpfMap map;
    private final Deque<SocketRecord> waiting = new ArrayDeque<>();
    private final Map<FoldLayout.Key, Long> countRead = new HashMap<>();
    private long foldedAtScan = -1;

    FoldReader(BpfMap map) {
        this.map = map;
    }

    /**
     * The next sums, at most {@code limit}. Reads the map only if something was folded since the last reading.
     *
     * @param folded how many closes the kernel has folded so far
     */
    List<SocketRecord> read(int limit, long folded) {
        if (waiting.isEmpty() && folded != foldedAtScan) {
            foldedAtScan = folded;
            scan();
        }
        List<SocketRecord> records = new ArrayList<>();
        while (records.size() < limit && !waiting.isEmpty()) {
            records.add(waiting.removeFirst());
        }
        return records;
    }

    private void scan() {
        map.forEach((rawKey, value) -> {
            FoldLayout.Key key = FoldLayout.key(rawKey);
            SocketRecord record = FoldLayout.folded(key, value);
            // Connections alone would miss datagrams that are not requests.
            long count = record.counters().connections()
                    + record.counters().segmentsSent()
                    + record.counters().segmentsReceived();
            Long before = countRead.put(key, count);
            if (record.counters().connections() != 0 && (before == null || before != count)) {
                waiting.add(record);
            }
        });
    }

    /**
     * Sums in the kernel, including those that were not read yet: during an outage nothing is read.
     *
     * @param folded how many closes the kernel has folded so far
     */
    long entries(long folded) {
        return folded == foldedAtScan ? countRead.size() : map.entries();
    }
}
