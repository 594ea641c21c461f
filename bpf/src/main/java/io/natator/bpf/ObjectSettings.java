package io.natator.bpf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that {@link ObjectLoader} sets in a BPF object before the kernel verifies it. Values only, computed from a tracker's
 * options and from the sizes of maps that are pinned already.
 *
 * @param name what the kernel shows as the object's name
 * @param elf the compiled object; not changed afterwards
 * @param pinnedMaps the maps that outlive the process
 * @param mapSizes entries of maps, bytes of ring buffers, by the map's name
 * @param constants values of {@code const volatile} variables, by their names
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ObjectSettings(
        String name, byte[] elf, List<String> pinnedMaps, Map<String, Integer> mapSizes, Map<String, Long> constants) {
    ObjectSettings {
        pinnedMaps = List.copyOf(pinnedMaps);
        mapSizes = Map.copyOf(mapSizes);
        constants = Map.copyOf(constants);
    }

    /** These settings with those of a filter. */
    ObjectSettings withFilter(ConnectionFilter filter) {
        Map<String, Integer> sizes = new HashMap<>(mapSizes);
        sizes.putAll(FilterTables.mapSizes(filter));
        Map<String, Long> all = new HashMap<>(constants);
        all.putAll(FilterTables.constants(filter));
        return new ObjectSettings(name, elf, pinnedMaps, sizes, all);
    }
}
