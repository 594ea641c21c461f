package io.natator.collector.handover;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.SocketRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Removes opens whose close is in the same batch, because the close contains everything that the open contains. */
final class SupersededOpens {
    private SupersededOpens() {}

    /** Returns the events in the same order, but without the opens of connections that close in the same batch. */
    static List<SocketRecord> remove(List<SocketRecord> events) {
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
