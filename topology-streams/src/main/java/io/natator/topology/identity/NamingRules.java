package io.natator.topology.identity;

import java.time.Duration;

/**
 * How the parties of connections are named.
 *
 * @param internal addresses whose other half is worth waiting for
 * @param externalNames names of what is outside
 * @param peerNames names of what is outside and has no configured one
 * @param dnsNameAge how far from a connection's time the answer to a name may be that a workload asked for
 * @param traverseUpHierarchy true to name a pod by its top controller, false by itself; the sums are the same, the links
 *     are finer
 */
public record NamingRules(
        InternalAddresses internal,
        ExternalNames externalNames,
        PeerNames peerNames,
        Duration dnsNameAge,
        boolean traverseUpHierarchy) {}
