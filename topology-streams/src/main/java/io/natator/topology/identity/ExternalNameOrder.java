package io.natator.topology.identity;

import io.natator.topology.identity.NameLookup.Result;

/**
 * Decides which name an external address gets. It asks three sources, and the first one that knows a name wins: the
 * configured ranges, the DNS names that workloads looked up, the reverse look-up.
 *
 * @param rules the configured ranges and the reverse look-up
 * @param dnsNames the DNS names that workloads looked up
 */
record ExternalNameOrder(NamingRules rules, ObservedDnsNames dnsNames) {
    /**
     * The name of a remote address. An address that has an owner in a cluster, and a loopback address, gets no name
     * here.
     *
     * @param reported the end that sees the address
     * @param isDialled whether the reported end opened the connection. Then it probably looked up the name before
     */
    Result find(ReportedEnd reported, RemoteAddress remote, boolean isDialled, OpenPeriod period) {
        if (remote.owner() != null || remote.isLoopback()) {
            return Result.NO_NAME;
        }
        String configured = rules.externalNames().name(remote.address());
        if (configured != null) {
            return new Result(configured, false);
        }
        // DNS answers can be forged. So they do not name an address that has or had an owner in a cluster, that nodes
        // give to pods, or that is declared internal.
        boolean isOutside = !remote.hasHistory()
                && !remote.isInPodRange()
                && !rules.internal().isDeclared(remote.address());
        String observed = isOutside ? dnsNames.name(reported.cluster(), remote.address(), period) : null;
        if (observed != null) {
            return new Result(observed, false);
        }
        Result found = rules.nameLookup().find(remote.address());
        // Observed DNS names come from another topic. It is possible that a name is read after the connection that
        // needs it, so naming waits.
        boolean mayFollow = isOutside && isDialled && !dnsNames.isEmpty();
        return mayFollow ? new Result(found.name(), true) : found;
    }
}
