package io.natator.bpf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Turns {@link UdpTrackerOptions} into the settings of the BPF object {@code udp_fentry} or {@code udp_cgroup}. */
final class UdpObject {
    /** Not pinned: an answer that was not read is of no use to the next reader. */
    static final String ANSWERS = "answers";

    private static final List<String> PINNED_MAPS =
            List.of(MapNames.EVENTS, MapNames.FLOWS, MapNames.FOLD, MapNames.STATISTICS);

    /**
     * Only in the object of {@link UdpHooks#FUNCTIONS}. It is pinned, so that the programs of a new collector see the datagrams
     * that those of the old one have stored.
     */
    private static final String IN_FLIGHT = "in_flight";

    /** About 200 answers. */
    private static final int ANSWER_RING_BYTES = 1 << 18;

    private UdpObject() {}

    /** The sizes that the options ask for; a pinned map has its own. */
    static Map<String, Integer> mapSizes(UdpTrackerOptions options) {
        return Map.of(
                MapNames.EVENTS, options.capacity().ringBytes(),
                MapNames.FLOWS, options.capacity().flows(),
                MapNames.FOLD, options.capacity().foldedPairs());
    }

    /** @param mapSizes the sizes that the maps will have */
    static ObjectSettings settings(UdpTrackerOptions options, byte[] elf, Map<String, Integer> mapSizes) {
        Map<String, Integer> sizes = new HashMap<>(mapSizes);
        Map<String, Long> constants = new HashMap<>();
        constants.put("idle_nanos", options.idle().toNanos());
        if (options.answers()) {
            sizes.put(ANSWERS, ANSWER_RING_BYTES);
            constants.put("answers_wanted", 1L);
        }
        return new ObjectSettings("natator_udp", elf, pinnedMaps(options.hooks()), sizes, constants)
                .withFilter(options.filter());
    }

    private static List<String> pinnedMaps(UdpHooks hooks) {
        return switch (hooks) {
            case FUNCTIONS ->
                Stream.concat(PINNED_MAPS.stream(), Stream.of(IN_FLIGHT)).toList();
            case CGROUP -> PINNED_MAPS;
        };
    }
}
