package io.natator.topology.identity;

import java.time.Duration;

/**
 * How the ends of connections are named.
 *
 * @param internal addresses whose nodes run collectors, so that the other half of a connection is worth waiting for
 * @param externalNames configured names of external address ranges
 * @param nameLookup names external addresses that have no configured name
 * @param dnsNameAge maximum time between a connection and the DNS answer that names its address
 * @param traverseUpHierarchy true to name a pod after its top controller, false to name it after itself; this splits
 *     links but does not change their sum
 */
public record NamingRules(
        InternalAddresses internal,
        ExternalNames externalNames,
        NameLookup nameLookup,
        Duration dnsNameAge,
        boolean traverseUpHierarchy) {}
