package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.natator.bpf.libbpf.BpfMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the spill: the kernel's maps of closes that found the ring buffer full. An entry stays in its map until it is
 * released.
 */
final class SpillReader {
    /** An entry that was read from the spill map (closes for which the ring buffer had no space). */
    record Entry(BpfMap map, ConnectionId key, SocketRecord record) {}

    private final List<BpfMap> maps;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private final Set<ConnectionId> unreleased = new HashSet<>();
    private long spilledAtScan = -1;

    SpillReader(List<BpfMap> maps) {
        this.maps = maps;
    }

    /**
     * Returns the next entries, at most {@code limit}. Reads the kernel's maps only if closes were stored there since
     * the last reading.
     *
     * @param spilled number of closes that the programs have stored in the spill since they were loaded
     */
    List<Entry> read(int limit, long spilled) {
        if (waiting.isEmpty() && spilled != spilledAtScan) {
            spilledAtScan = spilled;
            maps.forEach(this::scan);
        }
        List<Entry> entries = new ArrayList<>();
        while (entries.size() < limit && !waiting.isEmpty()) {
            entries.add(waiting.removeFirst());
        }
        return entries;
    }

    void release(List<Entry> entries) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(RecordLayout.SPILL_KEY);
            for (Entry entry : entries) {
                key.set(JAVA_LONG, 0, entry.key().cookie());
                key.set(JAVA_LONG, Long.BYTES, entry.key().startNanos());
                entry.map().delete(key);
                unreleased.remove(entry.key());
            }
        }
    }

    private void scan(BpfMap map) {
        map.forEach((rawKey, value) -> {
            ConnectionId key =
                    ConnectionId.ofCookie(rawKey.get(JAVA_LONG, 0)).startedAt(rawKey.get(JAVA_LONG, Long.BYTES));
            if (unreleased.add(key)) {
                waiting.add(new Entry(map, key, RecordLayout.socket(value)));
            }
        });
    }

    /**
     * Returns the number of entries in the kernel's maps, including entries that were not read yet. During an outage of
     * Kafka nothing is read. So if closes were stored since the last reading, this method counts the entries of the
     * maps.
     *
     * @param spilled number of closes that the programs have stored in the spill since they were loaded
     */
    long entries(long spilled) {
        return spilled == spilledAtScan
                ? unreleased.size()
                : maps.stream().mapToLong(BpfMap::entries).sum();
    }
}
