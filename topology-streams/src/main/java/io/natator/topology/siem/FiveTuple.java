package io.natator.topology.siem;

import io.natator.schemas.IpAddresses;
import io.natator.schemas.Protocol;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.identity.Endpoint;
import java.util.Optional;

/**
 * Addresses, ports and protocol of a connection. The address of an end is the one that the collector on the end's own
 * node reported. For a server behind a Service this is the server's own address, which is also in the packets between
 * the nodes. If an end was not reported, its address is the remote address that the other end reported.
 *
 * @param source the client; IPv4-mapped addresses count as IPv4
 * @param destination the server
 * @param protocol IANA protocol number, 0 if unknown
 */
record FiveTuple(Endpoint source, Endpoint destination, int protocol) {
    private static final int V4_BYTES = 4;

    /** Returns the tuple of a connection; empty if no end was reported. */
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

    /**
     * The Community ID; empty if the addresses of the ends have different IP versions, or if the protocol is unknown.
     */
    Optional<String> communityId() {
        return bytes(source).length != bytes(destination).length || protocol == 0
                ? Optional.empty()
                : Optional.of(CommunityId.of(CommunityId.DEFAULT_SEED, source, destination, protocol));
    }

    /** The IP version of the client's address: 4 or 6. */
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

    /** The address as 4 or 16 bytes in network order; an IPv4-mapped address has 4 bytes. */
    static byte[] bytes(Endpoint endpoint) {
        return IpAddresses.unmapped(IpAddresses.bytes(endpoint.address()));
    }
}
