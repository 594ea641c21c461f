package io.natator.topology.identity;

import io.natator.topology.identity.NameLookup.Result;

/**
 * Decides which name an external address gets. The first source that knows a name is used: the configured ranges, the
 * DNS names that workloads looked up, and the reverse look-up.
 *
 * @param rules the configured ranges and the reverse look-up
 * @param dnsNames the DNS names that workloads looked up
 */
record ExternalNameOrder(NamingRules rules, ObservedDnsNames dnsNames) {
    /**
     * The name of an address; none for an address that has an owner or is a loopback address.
     *
     * @param isDialled whether the reported end opened the connection. Such an end may have looked up the name before
     */
    Result find(RemoteAddress remote, boolean isDialled, OpenPeriod period) {
        if (remote.owner() != null || remote.isLoopback()) {
            return Result.NO_NAME;
        }
        String configured = rules.externalNames().name(remote.address());
        if (configured != null) {
            return new Result(configured, false);
        }
        // DNS answers can be forged, so they never name an address that is internal or was internal before.
        boolean isOutside = !remote.hasHistory() && !rules.internal().isDeclared(remote.address());
        String observed = isOutside ? dnsNames.name(remote.address(), period) : null;
        if (observed != null) {
            return new Result(observed, false);
        }
        Result found = rules.nameLookup().find(remote.address());
        // Observed names come from another topic, so a name may be read after the connection that it names.
        boolean mayFollow = isOutside && isDialled && !dnsNames.isEmpty();
        return mayFollow ? new Result(found.name(), true) : found;
    }
}
