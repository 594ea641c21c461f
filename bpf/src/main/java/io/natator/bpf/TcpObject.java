package io.natator.bpf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns {@link TcpTrackerOptions} into the settings of the BPF object {@code tcp}. */
final class TcpObject {
    /** The iterator over this map runs the refresh once for each element. */
    static final String REFRESH_RUNS = "parts";

    private static final List<String> PINNED_MAPS = List.of(
            MapNames.CONNECTIONS,
            "listeners",
            MapNames.LIVE,
            MapNames.EVENTS,
            MapNames.SPILL,
            MapNames.SPILL_SEEN,
            MapNames.FOLD,
            MapNames.STATISTICS);

    /** {@code SLOTS_PER_RUN} of tcp_live_refresh.bpf.h. */
    private static final int SLOTS_PER_RUN = 64;

    private TcpObject() {}

    /** The sizes that the options ask for; a pinned map has its own. */
    static Map<String, Integer> mapSizes(TcpTrackerOptions options) {
        return Map.of(
                MapNames.CONNECTIONS, TcpTrackerOptions.slots(options.liveCapacity()),
                MapNames.EVENTS, options.ringBytes(),
                MapNames.LIVE, options.liveCapacity(),
                MapNames.SPILL, options.spillCapacity(),
                MapNames.SPILL_SEEN, options.liveCapacity(),
                MapNames.FOLD, options.foldCapacity());
    }

    /** @param mapSizes the sizes that the maps will have */
    static ObjectSettings settings(byte[] elf, Map<String, Integer> mapSizes, ConnectionFilter filter) {
        int slots = size(mapSizes, MapNames.CONNECTIONS);
        Map<String, Integer> sizes = new HashMap<>(mapSizes);
        sizes.put(REFRESH_RUNS, Math.ceilDiv(slots, SLOTS_PER_RUN));
        Map<String, Long> constants =
                Map.of("open_ring_limit", size(mapSizes, MapNames.EVENTS) / 2L, "slot_mask", slots - 1L);
        return new ObjectSettings("natator", elf, PINNED_MAPS, sizes, constants).withFilter(filter);
    }

    private static int size(Map<String, Integer> mapSizes, String map) {
        Integer size = mapSizes.get(map);
        if (size == null) {
            throw new IllegalArgumentException("no size of map " + map);
        }
        return size;
    }
}
