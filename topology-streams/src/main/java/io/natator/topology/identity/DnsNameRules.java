package io.natator.topology.identity;

import io.natator.schemas.DnsName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a DNS name that a workload looked up may name the address of a connection. Pure.
 *
 * @param maxAge maximum time between the DNS answer and the connection
 */
record DnsNameRules(Duration maxAge) {
    /** Names in this domain belong to internal addresses. Such a name of an external address is wrong or forged. */
    private static final String CLUSTER_DOMAIN = ".cluster.local";

    /** The normalized name; null if the name must not be used. */
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
