package io.natator.topology.identity;

import java.time.Duration;

/**
 * The configured rules for naming the ends of connections.
 *
 * @param enricher whether an enricher publishes identities. Otherwise no identities are used, and nothing waits for them
 * @param internal decides which addresses are internal; naming waits for the report of an end that has an internal
 *     address
 * @param externalNames configured names of external address ranges
 * @param nameLookup finds names of external addresses that have no configured name
 * @param dnsNameAge maximum time between a connection and the DNS answer whose name is used for its address
 * @param traverseUpHierarchy true to name a pod after its top controller, false to name a pod after itself. The latter
 *     gives more links; their sum is the same
 */
public record NamingRules(
        boolean enricher,
        InternalAddresses internal,
        ExternalNames externalNames,
        NameLookup nameLookup,
        Duration dnsNameAge,
        boolean traverseUpHierarchy) {}
