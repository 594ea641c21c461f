package io.natator.topology.identity;

import java.time.Duration;

/**
 * The configured rules for naming the ends of connections.
 *
 * @param internal decides which addresses are internal, so that naming waits for the report of the other end
 * @param externalNames configured names of external address ranges
 * @param nameLookup finds names of external addresses that have no configured name
 * @param dnsNameAge maximum time between a connection and the DNS answer that names its address
 * @param traverseUpHierarchy true to name a pod after its top controller, false to name a pod after itself. Naming pods
 *     after themselves gives more links with the same sum
 */
public record NamingRules(
        InternalAddresses internal,
        ExternalNames externalNames,
        NameLookup nameLookup,
        Duration dnsNameAge,
        boolean traverseUpHierarchy) {}
