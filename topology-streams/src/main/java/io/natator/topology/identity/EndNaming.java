package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isNode;
import static io.natator.topology.identity.IdentityKinds.isService;
import static io.natator.topology.identity.IdentityKinds.keepsItsAddress;

import io.natator.schemas.Identity;
import io.natator.topology.identity.EndName.Certainty;
import io.natator.topology.identity.WorkloadNames.NamedEnd;
import io.natator.topology.statistics.UnresolvedReason;
import org.jspecify.annotations.Nullable;

/**
 * Names one end of a connection. A name that depends on the owner of an address is only used if the identities are
 * complete: the enricher has published everything that happened up to the opening of the connection. Otherwise an owner
 * that is known may have lost the address since, and the owner at that time may be unknown. Then the end is
 * {@code unknown}, and the connection waits. Pure.
 */
record EndNaming(WorkloadNames names, InternalAddresses internal) {
    /** Names an end that was reported. */
    EndName reported(ReportedEnd end) {
        return reported(end, WorkloadNames.process(end.end().process()));
    }

    /** @param process the name of the end outside all clusters */
    private EndName reported(ReportedEnd end, NamedEnd process) {
        if (end.pod() != null) {
            return EndName.known(names.of(end.pod(), end.cluster()), NameSource.POD);
        }
        Identity owner = end.addressOwner();
        if (end.isInUnknownPod()) {
            // The owner of the address is known by the same UID, so it is the pod of the socket.
            return owner != null
                    ? EndName.known(names.of(owner, end.cluster()), NameSource.POD)
                    : inUnknownPod(end, process);
        }
        if (end.end().process().isUnresolved()
                && (owner == null || keepsItsAddress(owner) || end.hasLoopbackAddress())) {
            return ofUnknownProcess(end, process);
        }
        // With IPVS, kube-proxy assigns the addresses of Services to every node. So a client with such an address is
        // the node, because a Service opens no connections.
        if (end.hasLoopbackAddress() || isService(owner)) {
            return onHost(end, process);
        }
        // A node keeps its address until it is deleted, and the report comes from a host that uses this address.
        if (owner != null && isNode(owner)) {
            return EndName.known(names.of(owner, end.cluster()), NameSource.HOST);
        }
        if (!end.complete()) {
            return EndName.unknown(UnresolvedReason.INCOMPLETE_IDENTITIES);
        }
        return owner == null || isProxyOfNode(end)
                ? onHost(end, process)
                : EndName.known(names.of(owner, end.cluster()), NameSource.ADDRESS_OWNER);
    }

    /**
     * Whether a socket with the address of a pod belongs to a process of the node: the process is known to be in no pod
     * and no container. A transparent proxy (IP_TRANSPARENT) has such sockets. If they were named after the pod, both
     * connections of the proxy would count between the same two workloads.
     */
    private static boolean isProxyOfNode(ReportedEnd end) {
        return end.end().process().isOutsideContainers() && end.nodeIdentity() != null;
    }

    private EndName inUnknownPod(ReportedEnd end, NamedEnd process) {
        if (!end.complete()) {
            return EndName.unknown(UnresolvedReason.UNKNOWN_POD);
        }
        // The pod can still become known. For example, the kubelet starts static pods before it creates their objects.
        return new EndName(
                process,
                NameSource.UNIDENTIFIED,
                end.identities().canChange() ? Certainty.AWAITED : Certainty.FINAL,
                UnresolvedReason.UNKNOWN_POD);
    }

    /**
     * Names an end whose process the collector could not find. On a node of a cluster, such a process can be in any pod
     * that uses the node's network. A later report can know it.
     */
    private static EndName ofUnknownProcess(ReportedEnd end, NamedEnd process) {
        if (end.nodeIdentity() != null) {
            return EndName.unknown(UnresolvedReason.UNKNOWN_PROCESS);
        }
        return end.complete()
                ? new EndName(process, NameSource.UNIDENTIFIED, Certainty.FINAL, null)
                : EndName.unknown(UnresolvedReason.INCOMPLETE_IDENTITIES);
    }

    private EndName onHost(ReportedEnd end, NamedEnd process) {
        @Nullable Identity node = end.nodeIdentity();
        if (node != null) {
            return EndName.known(names.of(node, end.cluster()), NameSource.HOST);
        }
        return end.complete()
                ? EndName.known(process, NameSource.HOST)
                : EndName.unknown(UnresolvedReason.INCOMPLETE_IDENTITIES);
    }

    /**
     * Names the server's end of a connection that only the client reported.
     *
     * @param service the Service that the client dialled; null if unknown
     */
    EndName unreportedServer(SingleReport report, @Nullable Identity service) {
        return service != null && report.complete()
                ? EndName.known(names.behind(service, report.self().cluster()), NameSource.ADDRESS_OWNER)
                : unreported(report);
    }

    /** Names the end that was not reported. Only its address is known. */
    EndName unreported(SingleReport report) {
        RemoteAddress remote = report.remote();
        if (remote.isLoopback()) {
            return sameHost(report);
        }
        boolean isInternal = internal.isInternal(remote);
        if (!report.complete() && (isInternal || report.isUdpServer())) {
            return EndName.unknown(UnresolvedReason.INCOMPLETE_IDENTITIES);
        }
        if (remote.owner() != null) {
            return EndName.known(names.of(remote.owner(), report.self().cluster()), NameSource.ADDRESS_OWNER);
        }
        @Nullable String name = report.externalName().name();
        return new EndName(
                WorkloadNames.external(name, remote.address()),
                NameSource.UNIDENTIFIED,
                report.complete() ? Certainty.FINAL : Certainty.PROVISIONAL,
                isInternal && name == null ? reasonOf(remote) : null);
    }

    /** Names the other end of a connection to a loopback address: it is in the same pod or on the same host. */
    private EndName sameHost(SingleReport report) {
        // On the host, the address can be that of a node port, whose Service is not known yet.
        boolean canBeNodePort = report.byClient() && report.self().usesHostNetwork();
        return canBeNodePort && !report.complete()
                ? EndName.unknown(UnresolvedReason.INCOMPLETE_IDENTITIES)
                : reported(
                                report.self(),
                                WorkloadNames.processNextTo(report.end().process()))
                        .withoutReason();
    }

    private static UnresolvedReason reasonOf(RemoteAddress remote) {
        return remote.hasHistory() ? UnresolvedReason.NOT_OWNED_THEN : UnresolvedReason.UNKNOWN_ADDRESS;
    }
}
