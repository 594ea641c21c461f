package io.natator.topology.link;

import io.natator.schemas.CidrBlock;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.LinkKey;
import io.natator.schemas.Workload;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Replaces external addresses at the ends of links by their prefixes. Pure. */
final class AddressPrefixes {
    private static final String EXTERNAL = "external";
    private static final int V4_BYTES = 4;

    private AddressPrefixes() {}

    /** The link with prefixes in place of external addresses; null if no end is an address without a name. */
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
        byte[] address = EXTERNAL.equals(end.getKind()) ? address(end.getName()) : null;
        if (address == null) {
            return null;
        }
        int length = address.length == V4_BYTES ? limits.ipv4PrefixLength() : limits.ipv6PrefixLength();
        return new Workload(
                CidrBlock.around(address, length).toString(),
                end.getNamespace(),
                end.getKind(),
                end.getZone(),
                end.getRegion());
    }

    /**
     * Parses a name that is an IP address in canonical form, as a connection end has it that could not be named. Null
     * for any other name.
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

    /** Saves an exception for most ends: they have other names, and parsing such a name throws. */
    private static boolean looksLikeAnAddress(String name) {
        return name.indexOf(':') >= 0
                || (!name.isEmpty() && name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9')));
    }
}
