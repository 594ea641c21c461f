package io.natator.collector.handover;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.SocketRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Openings that say nothing beside the close that was read with them: its counters and addresses are all there is. */
final class Superseded {
    private Superseded() {}

    /** The events without the openings of connections that end in the same batch; the order is kept. */
    static List<SocketRecord> without(List<SocketRecord> events) {
        Set<ConnectionId> closed = new HashSet<>();
        for (SocketRecord event : events) {
            if (event.event() == SocketRecord.Event.CLOSED) {
                closed.add(event.id());
            }
        }
        return closed.isEmpty()
                ? events
                : events.stream()
                        .filter(event -> event.event() != SocketRecord.Event.OPENED || !closed.contains(event.id()))
                        .toList();
    }
}
