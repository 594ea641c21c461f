package io.natator.topology.identity;

import io.natator.schemas.DnsName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a DNS name that a workload looked up can be used as the name of the address of a connection. Pure.
 *
 * @param maxAge maximum time between the DNS answer and the connection
 */
record DnsNameRules(Duration maxAge) {
    /**
     * Names in this domain belong to internal addresses. If an external address has such a name, the name is wrong or
     * forged, and is not used.
     */
    private static final String CLUSTER_DOMAIN = ".cluster.local";

    /**
     * The observed name in normalized form; null if it must not be used for a connection that was open in this period.
     */
    @Nullable
    String usable(DnsName observed, OpenPeriod period) {
        String name = isNear(observed, period) ? HostNames.normalized(observed.getName()) : null;
        return name == null || name.endsWith(CLUSTER_DOMAIN) ? null : name;
    }

    private boolean isNear(DnsName observed, OpenPeriod period) {
        return !observed.getAnsweredAt().isBefore(period.from().minus(maxAge))
                && !observed.getAnsweredAt().isAfter(period.until().plus(maxAge));
    }
}
