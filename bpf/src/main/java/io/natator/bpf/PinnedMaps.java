package io.natator.bpf;

import java.util.List;
import java.util.stream.Stream;

/**
 * Names of the maps that are pinned. They outlive the process, and the next collector continues with their contents.
 */
final class PinnedMaps {
    static final List<String> TCP = List.of(
            MapNames.CONNECTIONS,
            MapNames.LISTENERS,
            MapNames.LISTENER_PLACES,
            MapNames.LIVE,
            MapNames.EVENTS,
            MapNames.SPILL,
            MapNames.SPILL_SEEN,
            MapNames.FOLD,
            MapNames.STATISTICS);

    /** The ring buffer of DNS answers is not pinned, because the next collector does not need unread answers. */
    private static final List<String> UDP =
            List.of(MapNames.EVENTS, MapNames.FLOWS, MapNames.FOLD, MapNames.STATISTICS);

    /**
     * The map of datagrams whose send or receive function has not returned yet. Only the object of
     * {@link UdpHooks#FUNCTIONS} has this map. It is pinned, so that the programs of a new collector find the datagrams
     * that the programs of the old collector have stored.
     */
    private static final String IN_FLIGHT = "in_flight";

    private PinnedMaps() {}

    static List<String> udp(UdpHooks hooks) {
        return switch (hooks) {
            case FUNCTIONS -> Stream.concat(UDP.stream(), Stream.of(IN_FLIGHT)).toList();
            case CGROUP -> UDP;
        };
    }
}
