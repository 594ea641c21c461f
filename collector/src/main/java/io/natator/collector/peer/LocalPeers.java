package io.natator.collector.peer;

import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Owner;
import io.natator.bpf.SocketRecord.Role;
import io.natator.collector.cache.BoundedCache;
import io.natator.collector.peer.FlowAddresses.Address;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds who is at the other end of a client's UDP flow, if the other end is on the same node. The kernel reports the two
 * ends of a flow separately. They belong together if the server's flow has the same addresses and ports as the client's,
 * at the same time. If addresses were translated between the ends, they differ, and the other end is not found.
 *
 * <p>The flow of the server can be missing, although it answered at the address that the client dialled: the server has
 * not read the datagrams, or the kernel added them to a sum. Then the other end is the owner that answered the flows to
 * the same address before and after it. If a flow was answered without such a server, address translation is at work,
 * and this rule is not used.
 *
 * <p>The memory is limited: above the limit, the other end of further flows is not found. One thread uses an instance;
 * any thread can read the figures.
 */
public final class LocalPeers {
    /** Maximum number of flows of servers in memory; each takes about 200 bytes. */
    static final int FLOWS = 32_768;

    static final int ADDRESSES = 1_024;
    private static final int SOCKETS = 1_024;
    private static final int UDP = 17;

    /**
     * How long an ended flow of a server is remembered. The end of the client's flow is reported at most one snapshot
     * interval later.
     */
    private static final long RETENTION = TimeUnit.MINUTES.toNanos(5);

    /** Within this time after a client's first datagram, it is possible that the server has not read it yet. */
    private static final long DELIVERY = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong found = new AtomicLong();
    private final AtomicLong uncertain = new AtomicLong();
    private final AtomicLong evicted = new AtomicLong();
    private final Map<FlowAddresses, ServerFlow> flows = new Flows();
    private final Map<Address, ServedAddress> served = new BoundedCache<>(ADDRESSES);
    private final Map<Long, Owner> sockets = new BoundedCache<>(SOCKETS);
    private long newest;
    private long previewBegan;

    private final class Flows extends LinkedHashMap<FlowAddresses, ServerFlow> {
        private static final long serialVersionUID = 1L;

        private Flows() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<FlowAddresses, ServerFlow> eldest) {
            boolean full = size() > FLOWS;
            if (full && eldest.getValue().isOpen()) {
                evicted.incrementAndGet();
            }
            return full;
        }
    }

    /** Remembers the flow of a server. Ignores other records. */
    public void observe(SocketRecord record) {
        if (record.connection().protocol() != UDP) {
            return;
        }
        newest = Math.max(newest, record.lifecycle().observedNanos());
        if (record.connection().role() == Role.SERVER) {
            if (record.owner().pid() != 0 && record.event() != Event.FOLDED) {
                sockets.put(record.id().cookie(), record.owner());
            }
            remember(FlowAddresses.of(record.connection()), record);
        }
    }

    private void remember(FlowAddresses addresses, SocketRecord server) {
        ServerFlow known = flows.get(addresses);
        if (known == null) {
            flows.put(addresses, new ServerFlow(server));
        } else if (known.isContinuedBy(server)) {
            known.merge(server);
        } else if (known.isFollowedBy(server)) {
            flows.put(addresses, new ServerFlow(server));
        } else if (!known.follows(server)) {
            known.markAmbiguous();
        }
    }

    /**
     * Announces that the caller now shows all open flows, before it asks for the first peer.
     *
     * @param bootNanos now, in nanoseconds since boot
     */
    public void beginPreview(long bootNanos) {
        previewBegan = bootNanos;
    }

    /**
     * Whether the report of an open flow should be postponed: it is the flow of a client that began so late that its
     * server's flow may have been missing when the flows were shown.
     */
    public boolean isTooEarly(SocketRecord live) {
        return isClient(live)
                && live.event() == Event.LIVE
                && live.id().startNanos() > previewBegan - DELIVERY
                && coincident(live, FlowAddresses.of(live.connection())) == null;
    }

    private @Nullable ServerFlow coincident(SocketRecord client, FlowAddresses addresses) {
        ServerFlow flow = flows.get(addresses);
        return flow != null && flow.coincidesWith(client) ? flow : null;
    }

    /** The owner of the socket at the other end; null if it is not on this node, or not certain. */
    public @Nullable Owner of(SocketRecord client) {
        if (!isClient(client)) {
            return null;
        }
        FlowAddresses addresses = FlowAddresses.of(client.connection());
        ServerFlow flow = coincident(client, addresses);
        Owner owner =
                flow == null ? withoutFlow(addresses.server(), client) : withFlow(addresses.server(), client, flow);
        if (owner != null) {
            found.incrementAndGet();
        }
        return owner;
    }

    private @Nullable Owner withFlow(Address server, SocketRecord client, ServerFlow flow) {
        Owner owner = owner(flow);
        if (!flow.isOtherEndOf(client) || !ServerFlow.isKnown(owner)) {
            uncertain.incrementAndGet();
            return null;
        }
        if (client.event() != Event.FOLDED
                && flow.namespace() != client.connection().networkNamespace()) {
            served.computeIfAbsent(server, absent -> new ServedAddress()).add(flow, owner);
        }
        return owner;
    }

    /** The owner of a flow. If the flow does not show its process, another flow of its socket can show it. */
    private Owner owner(ServerFlow flow) {
        return flow.owner().pid() != 0 ? flow.owner() : sockets.getOrDefault(flow.cookie(), flow.owner());
    }

    private @Nullable Owner withoutFlow(Address server, SocketRecord client) {
        ServedAddress address = served.get(server);
        if (address == null || !address.isOther(client)) {
            return null;
        }
        boolean isAnswered = client.counters().segmentsReceived() > 0 && client.event() != Event.FOLDED;
        if (isAnswered) {
            address.contradict(client.lifecycle().observedNanos());
        }
        Owner owner = isAnswered ? null : address.ownerFor(client);
        if (owner == null) {
            uncertain.incrementAndGet();
        }
        return owner;
    }

    /** Forgets flows of servers that ended long ago. */
    public void expire() {
        flows.values().removeIf(flow -> flow.hasEndedBefore(newest - RETENTION));
    }

    private static boolean isClient(SocketRecord record) {
        return record.connection().protocol() == UDP && record.connection().role() == Role.CLIENT;
    }

    /** Number of reports for which the owner of the other end was found. */
    public long found() {
        return found.get();
    }

    /** Number of reports for which the dialled address is served on this node, but not certainly to this client. */
    public long uncertain() {
        return uncertain.get();
    }

    /** Number of flows of servers in memory. */
    int flows() {
        return flows.size();
    }

    int addresses() {
        return served.size();
    }

    /** Number of open flows of servers that were forgotten because the memory was full. */
    public long evicted() {
        return evicted.get();
    }
}
