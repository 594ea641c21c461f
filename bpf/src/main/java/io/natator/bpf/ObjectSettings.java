package io.natator.bpf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that {@link ObjectLoader} sets in a BPF object before it loads the object.
 *
 * @param name the object's name, which bpftool shows
 * @param elf the compiled object (ELF file); must not be changed
 * @param pinnedMaps names of the maps that are pinned, so that they outlive the process
 * @param mapSizes sizes by name of the map: number of entries; for a ring buffer, bytes
 * @param constants values of the object's {@code const volatile} variables, by name
 */
@SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
record ObjectSettings(
        String name, byte[] elf, List<String> pinnedMaps, Map<String, Integer> mapSizes, Map<String, Long> constants) {
    ObjectSettings {
        pinnedMaps = List.copyOf(pinnedMaps);
        mapSizes = Map.copyOf(mapSizes);
        constants = Map.copyOf(constants);
    }

    /** Returns a copy of these settings to which the constants and map sizes of a filter are added. */
    ObjectSettings withFilter(ConnectionFilter filter) {
        Map<String, Integer> sizes = new HashMap<>(mapSizes);
        sizes.putAll(FilterTables.mapSizes(filter));
        Map<String, Long> all = new HashMap<>(constants);
        all.putAll(FilterTables.constants(filter));
        return new ObjectSettings(name, elf, pinnedMaps, sizes, all);
    }
}
