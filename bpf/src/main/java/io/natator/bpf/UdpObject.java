package io.natator.bpf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Turns {@link UdpTrackerOptions} into the settings of the BPF object {@code udp_fentry} or {@code udp_cgroup}. */
final class UdpObject {
    /** The ring buffer of DNS answers. It is not pinned, because the next collector does not need unread answers. */
    static final String ANSWERS = "answers";

    private static final List<String> PINNED_MAPS =
            List.of(MapNames.EVENTS, MapNames.FLOWS, MapNames.FOLD, MapNames.STATISTICS);

    /**
     * The datagrams of running calls. Only the object of {@link UdpHooks#FUNCTIONS} has this map. It is pinned, so that
     * the programs of a new collector find the datagrams that the programs of the old collector have stored.
     */
    private static final String IN_FLIGHT = "in_flight";

    private UdpObject() {}

    /** The sizes that the options request. A map that is already pinned keeps its size instead. */
    static Map<String, Integer> mapSizes(UdpTrackerOptions options) {
        return Map.of(
                MapNames.EVENTS, options.capacity().ringBytes(),
                MapNames.FLOWS, options.capacity().flows(),
                MapNames.FOLD, options.capacity().foldedPairs());
    }

    /** @param mapSizes actual sizes: the requested size, or the size of the pinned map */
    static ObjectSettings settings(UdpTrackerOptions options, byte[] elf, Map<String, Integer> mapSizes) {
        Map<String, Integer> sizes = new HashMap<>(mapSizes);
        Map<String, Long> constants = new HashMap<>();
        constants.put("idle_nanos", options.idle().toNanos());
        if (options.answers()) {
            sizes.put(ANSWERS, DnsAnswerReader.RING_BYTES);
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
