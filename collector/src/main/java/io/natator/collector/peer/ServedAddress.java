package io.natator.collector.peer;

import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Owner;
import org.jspecify.annotations.Nullable;

/**
 * Who answers at an address and port to clients of other network namespaces of this node, and since when. This is known
 * from flows of which both ends are known. Times are in nanoseconds since boot. Not thread-safe.
 */
final class ServedAddress {
    private @Nullable Owner owner;
    private long namespace;
    private long from;
    private long until;
    private long ignoredUntil = Long.MIN_VALUE;

    /**
     * Adds a flow of which both ends are known.
     *
     * @param server owner of the server's socket
     */
    void add(ServerFlow flow, Owner server) {
        long start = flow.latestStart();
        if (start <= ignoredUntil) {
            return;
        }
        if (owner == null) {
            begin(flow, server);
        } else if (flow.namespace() == namespace && ServerFlow.isSameOwner(owner, server)) {
            from = Math.min(from, start);
            until = Math.max(until, start);
        } else if (start > until) {
            ignoredUntil = until;
            begin(flow, server);
        } else {
            contradict(until);
        }
    }

    private void begin(ServerFlow flow, Owner server) {
        owner = server;
        namespace = flow.namespace();
        from = flow.latestStart();
        until = from;
    }

    /** Discards what was known up to a time, because a flow shows that several sockets answer at the address. */
    void contradict(long nanos) {
        ignoredUntil = Math.max(ignoredUntil, nanos);
        if (owner != null && from <= ignoredUntil) {
            owner = null;
        }
    }

    /**
     * The owner that answers a client of which the other end is not known; null if it is not certain. A flow must begin
     * between two flows that the owner answered, a sum of datagrams must include the time of such a flow.
     */
    @Nullable
    Owner ownerFor(SocketRecord client) {
        long start = client.id().startNanos();
        long end = client.event() == Event.FOLDED ? client.lifecycle().observedNanos() : start;
        boolean isKnownThen =
                client.event() == Event.FOLDED ? from <= end && start <= until : from <= start && start <= until;
        return isKnownThen && isOther(client) ? owner : null;
    }

    /** Whether a client is in another network namespace than the server, so that it depends on the routing. */
    boolean isOther(SocketRecord client) {
        return client.connection().networkNamespace() != namespace;
    }
}
