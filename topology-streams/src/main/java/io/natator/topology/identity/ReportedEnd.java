package io.natator.topology.identity;

import io.natator.schemas.Identity;
import org.jspecify.annotations.Nullable;

/**
 * An end of a connection that was reported, with the identities that were found for the end.
 *
 * @param identities the identities of the end's cluster
 * @param complete whether these identities are known up to the opening of the connection
 * @param pod the pod of the socket; null outside a pod, and if the pod is unknown
 * @param addressOwner the owner of the local address while the connection was open; null if unknown, and if the pod is
 *     known, because then the owner is not looked up. Also null if the socket belongs to another pod than the address:
 *     the enricher has not read yet that the address changed its owner
 */
record ReportedEnd(
        ConnectionEnd end,
        Identities identities,
        boolean complete,
        @Nullable Identity pod,
        @Nullable Identity addressOwner) {
    static ReportedEnd of(ConnectionEnd end, OpenPeriod period, Clusters clusters) {
        Identities identities = clusters.identitiesOf(end.process().cluster());
        boolean complete = identities.isCompleteAsOf(OwnerHistory.neededUpTo(period));
        String podUid = end.podUid();
        Identity pod = podUid == null ? null : identities.pod(podUid);
        Identity owner = pod != null
                ? null
                : OwnerHistory.ownerDuring(
                        identities.address(end.local().address()),
                        end.protocol(),
                        end.local().port(),
                        period);
        boolean isOtherPod = podUid != null && owner != null && !owner.getUid().equals(podUid);
        return new ReportedEnd(end, identities, complete, pod, isOtherPod ? null : owner);
    }

    boolean isInUnknownPod() {
        return end.podUid() != null && pod == null;
    }

    /** Whether the connection uses an address of the loopback device, so that both ends are on the same host. */
    boolean hasLoopbackAddress() {
        return InternalAddresses.isLoopback(end.local().address());
    }

    /** Whether the socket shares the addresses and ports of its node: it is in no pod, or its pod uses the host network. */
    boolean usesHostNetwork() {
        return pod != null ? pod.getHostNetwork() : end.podUid() == null;
    }

    String node() {
        return end.process().node();
    }

    String cluster() {
        return end.process().cluster();
    }

    /** The node on which the end is; null if the node is not known. */
    @Nullable
    Identity nodeIdentity() {
        return identities.node(node());
    }
}
