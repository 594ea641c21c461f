package io.natator.bpf;

import java.util.HashMap;
import java.util.Map;

/** Turns {@link UdpTrackerOptions} into the settings of the BPF object {@code udp_fentry} or {@code udp_cgroup}. */
final class UdpObjectSettings {
    /** Name of the ring buffer of DNS answers. */
    static final String ANSWERS = "answers";

    private UdpObjectSettings() {}

    /** Returns the map sizes that the options request. A map that is already pinned keeps its size instead. */
    static Map<String, Integer> mapSizes(UdpTrackerOptions options) {
        return Map.of(
                MapNames.EVENTS, options.capacity().ringBytes(),
                MapNames.FLOWS, options.capacity().flows(),
                MapNames.FOLD, options.capacity().foldedPairs());
    }

    /**
     * @param mapSizes the sizes that the maps will have: that of the pinned map if there is one, otherwise the
     *     requested size
     */
    static ObjectSettings settings(UdpTrackerOptions options, byte[] elf, Map<String, Integer> mapSizes) {
        Map<String, Integer> sizes = new HashMap<>(mapSizes);
        Map<String, Long> constants = new HashMap<>();
        constants.put("idle_nanos", options.idle().toNanos());
        if (options.answers()) {
            sizes.put(ANSWERS, DnsAnswerReader.RING_BYTES);
            constants.put("answers_wanted", 1L);
        }
        return new ObjectSettings("natator_udp", elf, PinnedMaps.udp(options.hooks()), sizes, constants)
                .withFilter(options.filter());
    }
}
