package io.natator.collector.peer;

import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Owner;
import java.util.concurrent.TimeUnit;

/**
 * A flow as its server's socket reported it. Several flows with the same addresses are one, if they follow each other or
 * have the same owner. Times are in nanoseconds since boot. Not thread-safe.
 */
final class ServerFlow {
    /**
     * Maximum time by which the two ends of a flow differ in when they observe a datagram. A hook can run after the
     * datagram has arrived at the other end.
     */
    private static final long TOLERANCE = TimeUnit.MILLISECONDS.toNanos(100);

    /** Id of the root cgroup of cgroup v2: the inode number of the root of kernfs. */
    private static final long ROOT_CGROUP = 1;

    private static final long OPEN = Long.MAX_VALUE;
    private static final long UNKNOWN = -1;

    private final long namespace;
    private long cookie;
    private Owner owner;
    private long latestStart;
    private long from;
    private long until;
    private boolean ambiguous;
    private long clientNamespace = UNKNOWN;

    ServerFlow(SocketRecord server) {
        namespace = server.connection().networkNamespace();
        cookie = server.id().cookie();
        owner = server.owner();
        latestStart = server.id().startNanos();
        from = latestStart;
        until = end(server);
    }

    private static long end(SocketRecord server) {
        return server.event() == Event.LIVE ? OPEN : server.lifecycle().observedNanos();
    }

    /** Whether another report is of this flow, or of a later or earlier flow of the same owner. */
    boolean isContinuedBy(SocketRecord server) {
        return server.connection().networkNamespace() == namespace
                && (server.id().cookie() == cookie || isSameOwner(owner, server.owner()));
    }

    /** Whether two sockets have the same process, or the same cgroup if it is not the root, which all pods can share. */
    static boolean isSameOwner(Owner one, Owner other) {
        return (one.pid() != 0 && one.pid() == other.pid())
                || (one.cgroupId() > ROOT_CGROUP && one.cgroupId() == other.cgroupId());
    }

    /**
     * Whether an owner can be assigned to a pod or to none. In the hierarchy of cgroup v2 all processes are in the root
     * cgroup if the node uses cgroup v1; then only the process decides. It is unknown until the server answers.
     */
    static boolean isKnown(Owner owner) {
        return owner.pid() != 0 || owner.cgroupId() > ROOT_CGROUP;
    }

    /** Merges a report by which {@link #isContinuedBy this flow is continued}. */
    void merge(SocketRecord server) {
        long start = server.id().startNanos();
        if (start >= latestStart) {
            latestStart = start;
            cookie = server.id().cookie();
            until = end(server);
            if (server.owner().pid() != 0) {
                owner = server.owner();
            }
        }
        from = Math.min(from, start);
    }

    /** Whether another report begins after this flow has ended. */
    boolean isFollowedBy(SocketRecord server) {
        return server.id().startNanos() > until;
    }

    /** Whether another report ended before this flow began. */
    boolean follows(SocketRecord server) {
        return end(server) < from;
    }

    /** Records that two ends of different owners have the addresses of this flow, so neither is certain. */
    void markAmbiguous() {
        ambiguous = true;
    }

    /** Whether a client's flow with the same addresses existed at the same time as this flow. */
    boolean coincidesWith(SocketRecord client) {
        return from - TOLERANCE <= client.lifecycle().observedNanos()
                && (isOpen() || client.id().startNanos() <= until + TOLERANCE);
    }

    /**
     * Whether it is certain that this flow is the other end of a client's flow that {@link #coincidesWith coincides with
     * it}. It is not if clients of several network namespaces have these addresses.
     */
    boolean isOtherEndOf(SocketRecord client) {
        long seen = client.connection().networkNamespace();
        if (clientNamespace == UNKNOWN) {
            clientNamespace = seen;
        } else if (clientNamespace != seen) {
            ambiguous = true;
        }
        return !ambiguous;
    }

    boolean isOpen() {
        return until == OPEN;
    }

    boolean hasEndedBefore(long nanos) {
        return until < nanos;
    }

    long namespace() {
        return namespace;
    }

    /** Start of the latest of the flows. */
    long latestStart() {
        return latestStart;
    }

    /** Cookie of the socket that reported the latest of the flows; 0 for a sum. */
    long cookie() {
        return cookie;
    }

    Owner owner() {
        return owner;
    }
}
