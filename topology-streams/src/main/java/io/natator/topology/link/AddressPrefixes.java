package io.natator.topology.link;

import io.natator.schemas.CidrBlock;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.LinkKey;
import io.natator.schemas.Workload;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Names the ends of links that are nothing but an address outside by the address's prefix. Pure. */
final class AddressPrefixes {
    private static final String EXTERNAL = "external";
    private static final int V4_BYTES = 4;

    private AddressPrefixes() {}

    /** The link with its ends named by prefix; null where no end is a bare address. */
    static @Nullable LinkKey of(LinkKey link, SeriesLimits bounds) {
        Workload client = prefix(link.getClient(), bounds);
        Workload server = prefix(link.getServer(), bounds);
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

    private static @Nullable Workload prefix(Workload party, SeriesLimits bounds) {
        byte[] address = EXTERNAL.equals(party.getKind()) ? address(party.getName()) : null;
        if (address == null) {
            return null;
        }
        int length = address.length == V4_BYTES ? bounds.ipv4PrefixLength() : bounds.ipv6PrefixLength();
        return new Workload(
                CidrBlock.around(address, length).toString(),
                party.getNamespace(),
                party.getKind(),
                party.getZone(),
                party.getRegion());
    }

    /** The address that the name is, as it is written where there is no better name; null where it is a name. */
    private static byte @Nullable [] address(String name) {
        if (!isMadeLikeAnAddress(name)) {
            return null;
        }
        try {
            byte[] address = InetAddress.ofLiteral(name).getAddress();
            return IpAddresses.format(address).equals(name) ? address : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Names are the rule, and an exception for each would be dear. */
    private static boolean isMadeLikeAnAddress(String name) {
        return name.indexOf(':') >= 0
                || (!name.isEmpty() && name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9')));
    }
}
