package io.natator.bpf;

import java.util.HashMap;
import java.util.Map;

/** Turns {@link TcpTrackerOptions} into the settings of the BPF object {@code tcp}. */
final class TcpObjectSettings {
    /**
     * Name of the map whose number of elements determines how often the refresh program runs: once for each element.
     */
    static final String REFRESH_RUNS = "parts";

    private static final int LEAST_LISTENERS = 256;

    private TcpObjectSettings() {}

    /** Returns the map sizes that the options request. A map that is already pinned keeps its size instead. */
    static Map<String, Integer> mapSizes(TcpTrackerOptions options) {
        int listeners = listenerCapacity(options);
        return Map.of(
                MapNames.CONNECTIONS, SlotTable.slots(options.liveCapacity()),
                MapNames.LISTENERS, listeners,
                MapNames.LISTENER_PLACES, listeners,
                MapNames.EVENTS, options.ringBytes(),
                MapNames.LIVE, options.liveCapacity(),
                MapNames.SPILL, options.spillCapacity(),
                MapNames.SPILL_SEEN, options.liveCapacity(),
                MapNames.FOLD, options.foldCapacity());
    }

    /** Returns the maximum number of listeners: a quarter of the maximum number of open connections, but at least 256. */
    private static int listenerCapacity(TcpTrackerOptions options) {
        return Math.max(LEAST_LISTENERS, options.liveCapacity() / 4);
    }

    /**
     * @param mapSizes the sizes that the maps will have: that of the pinned map if there is one, otherwise the
     *     requested size
     */
    static ObjectSettings settings(byte[] elf, Map<String, Integer> mapSizes, ConnectionFilter filter) {
        int slots = size(mapSizes, MapNames.CONNECTIONS);
        Map<String, Integer> sizes = new HashMap<>(mapSizes);
        sizes.put(REFRESH_RUNS, SlotTable.refreshRuns(slots));
        Map<String, Long> constants =
                Map.of("ring_bytes", (long) size(mapSizes, MapNames.EVENTS), "slot_mask", slots - 1L);
        return new ObjectSettings("natator", elf, PinnedMaps.TCP, sizes, constants).withFilter(filter);
    }

    private static int size(Map<String, Integer> mapSizes, String map) {
        Integer size = mapSizes.get(map);
        if (size == null) {
            throw new IllegalArgumentException("no size of map " + map);
        }
        return size;
    }
}
