package io.natator.bpf;

import io.natator.bpf.libbpf.BpfMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the fold: the kernel's map of sums per address pair. Returns the sums that have grown since they were last
 * read.
 */
final class FoldReader {
    private final BpfMap map;
    private final Deque<SocketRecord> waiting = new ArrayDeque<>();
    private final Map<FoldLayout.Key, Long> countRead = new HashMap<>();
    private long foldedAtScan = -1;

    FoldReader(BpfMap map) {
        this.map = map;
    }

    /**
     * Returns at most {@code limit} sums that have grown since they were last returned. Scans the kernel's map only
     * when all sums of the previous scan have been returned and {@code folded} has changed since then.
     *
     * @param folded number of closes (UDP: datagrams) that the kernel side has added to sums since it was loaded
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
            // A UDP sum counts only requests as connections, so a comparison of the connections alone would miss other
            // datagrams.
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
     * Returns the number of sums in the kernel's map, including sums that were not read yet. During an outage of Kafka
     * nothing is read. So if sums were added since the last reading, this method counts the entries of the map.
     *
     * @param folded number of closes (UDP: datagrams) that the kernel side has added to sums since it was loaded
     */
    long entries(long folded) {
        return folded == foldedAtScan ? countRead.size() : map.entries();
    }
}
