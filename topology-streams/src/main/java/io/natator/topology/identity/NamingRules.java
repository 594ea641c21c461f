package io.natator.topology.identity;

import java.time.Duration;

/**
 * How the parties of connections are named.
 *
 * @param internal addresses whose other half is worth waiting for
 * @param externalNames names of what is outside
 * @param nameLookup names external addresses that have no configured name
 * @param dnsNameAge how far from a connection's time the answer to a name may be that a workload asked for
 * @param traverseUpHierarchy true to name a pod by its top controller, false by itself; the sums are the same, the links
 *     are finer
 */
public record NamingRules(
        InternalAddresses internal,
        ExternalNames externalNames,
        NameLookup nameLookup,
        Duration dnsNameAge,
        boolean traverseUpHierarchy) {}
