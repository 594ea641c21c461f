package io.natator.topology.siem;

import io.natator.schemas.IpAddresses;
import io.natator.schemas.Protocol;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.identity.Endpoint;
import java.util.Optional;

/**
 * Addresses, ports and protocol of a connection. Each end has the address that its own node reported. For a server
 * behind a Service this is its real address, which is also the address in the packets between the nodes. An end that
 * was not reported has the address that the other end reported for it.
 *
 * @param source the client; IPv4-mapped addresses count as IPv4
 * @param destination the server
 * @param protocol IANA protocol number, 0 if unknown
 */
record FiveTuple(Endpoint source, Endpoint destination, int protocol) {
    private static final int V4_BYTES = 4;

    /** Empty if neither end is known. */
    static Optional<FiveTuple> of(ConnectionEnds ends) {
        ConnectionEnd client = ends.client();
        ConnectionEnd server = ends.server();
        if (client != null) {
            Endpoint destination = server == null ? client.remote() : server.local();
            return Optional.of(new FiveTuple(client.local(), destination, number(client.protocol())));
        }
        return server == null
                ? Optional.empty()
                : Optional.of(new FiveTuple(server.remote(), server.local(), number(server.protocol())));
    }

    /** Empty if the ends have different versions of IP, or if the protocol is unknown. */
    Optional<String> communityId() {
        return bytes(source).length != bytes(destination).length || protocol == 0
                ? Optional.empty()
                : Optional.of(CommunityId.of(CommunityId.DEFAULT_SEED, source, destination, protocol));
    }

    /** 4 or 6, by the client's address. */
    int ipVersion() {
        return bytes(source).length == V4_BYTES ? 4 : 6;
    }

    String sourceText() {
        return IpAddresses.format(bytes(source));
    }

    String destinationText() {
        return IpAddresses.format(bytes(destination));
    }

    static int number(Protocol protocol) {
        return switch (protocol) {
            case TCP -> 6;
            case UDP -> 17;
            case UNKNOWN -> 0;
        };
    }

    /** 4 or 16 bytes; 4 for an IPv4-mapped address. */
    static byte[] bytes(Endpoint endpoint) {
        return IpAddresses.unmapped(IpAddresses.bytes(endpoint.address()));
    }
}
