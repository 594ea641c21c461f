package io.natator.topology.link;

import io.natator.schemas.CidrBlock;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.LinkKey;
import io.natator.schemas.Workload;
import io.natator.topology.identity.WorkloadKinds;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Replaces an external address in a link by its address prefix (such as 203.0.113.0/24). Pure. */
final class AddressPrefixes {
    private static final int V4_BYTES = 4;

    private AddressPrefixes() {}

    /** The link with a prefix instead of each external address; null if the link contains no external address. */
    static @Nullable LinkKey of(LinkKey link, SeriesLimits limits) {
        Workload client = prefix(link.getClient(), limits);
        Workload server = prefix(link.getServer(), limits);
        if (client == null && server == null) {
            return null;
        }
        return new LinkKey(
                client == null ? link.getClient() : client,
                server == null ? link.getServer() : server,
                link.getServerPort(),
                link.getProtocol(),
                link.getVia());
    }

    private static @Nullable Workload prefix(Workload end, SeriesLimits limits) {
        byte[] address = WorkloadKinds.isExternal(end) ? address(end.getName()) : null;
        if (address == null) {
            return null;
        }
        int length = address.length == V4_BYTES ? limits.ipv4PrefixLength() : limits.ipv6PrefixLength();
        return new Workload(
                CidrBlock.around(address, length).toString(),
                end.getNamespace(),
                end.getKind(),
                end.getZone(),
                end.getRegion(),
                end.getCluster());
    }

    /**
     * Parses the name of an external end as an IP address. Only an end without another name is named by its address, in
     * canonical form. Null for any other name.
     */
    private static byte @Nullable [] address(String name) {
        if (!looksLikeAnAddress(name)) {
            return null;
        }
        try {
            byte[] address = InetAddress.ofLiteral(name).getAddress();
            return IpAddresses.format(address).equals(name) ? address : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * A quick check before parsing. Without it, each name that is not an address would cause an exception, which is
     * slow.
     */
    private static boolean looksLikeAnAddress(String name) {
        return name.indexOf(':') >= 0
                || (!name.isEmpty() && name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9')));
    }
}
