package io.natator.bpf;

import io.natator.bpf.libbpf.BpfMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the sums of closes that found no room for their detail: each sum when it has grown since it was read last. */
final class FoldReader {
    private final BpfMap map;
    private final Deque<SocketRecord> waiting = new ArrayDeque<>();
    private final Map<FoldLayout.Key, Long> countRead = new HashMap<>();
    private long foldedAtScan = -1;

    FoldReader(BpfMap map) {
        this.map = map;
    }

    /**
     * The next sums, {@code limit} at most.
     *
     * @param folded how many closes the kernel has folded
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
            // A datagram is no connection of its own.
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
     * Sums in the kernel, also those that nobody has read yet: in an outage nothing is read.
     *
     * @param folded how many closes the kernel has folded
     */
    long entries(long folded) {
        return folded == foldedAtScan ? countRead.size() : map.entries();
    }
}
