package io.natator.topology.activity;

import io.natator.schemas.IpAddresses;
import io.natator.schemas.Protocol;
import io.natator.topology.identity.Endpoint;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a connection, each end as itself knows it: behind a Service the server's real one, which is also what
 * is on the wire between two nodes. An end that has not reported is as the other one sees it.
 *
 * @param source the client's, 4 or 16 bytes in network order; v4-mapped addresses are IPv4 ones
 * @param destination the server's
 * @param protocol IANA protocol number, 0 where unknown
 */
record Tuple(ByteBuffer source, int sourcePort, ByteBuffer destination, int destinationPort, int protocol) {
    private static final int V4 = 4;

    /** Empty where neither end is known any more. */
    static Optional<Tuple> of(ConnectionEvent event) {
        Endpoint client = endpoint(event.client());
        Endpoint server = endpoint(event.server());
        if (client == null) {
            return server == null ? Optional.empty() : Optional.of(mirrored(server));
        }
        return Optional.of(new Tuple(
                client.localAddress(),
                client.localPort(),
                server == null ? client.remoteAddress() : server.localAddress(),
                server == null ? client.remotePort() : server.localPort(),
                number(client.protocol())));
    }

    private static Tuple mirrored(Endpoint server) {
        return new Tuple(
                server.remoteAddress(),
                server.remotePort(),
                server.localAddress(),
                server.localPort(),
                number(server.protocol()));
    }

    /** Empty where the ends speak different versions of IP, or the protocol is not known. */
    Optional<String> communityId() {
        byte[] from = bytes(source);
        byte[] to = bytes(destination);
        return from.length != to.length || protocol == 0
                ? Optional.empty()
                : Optional.of(CommunityId.of(0, from, sourcePort, to, destinationPort, protocol));
    }

    /** 4 or 6, as the client knows it. */
    int ipVersion() {
        return bytes(source).length == V4 ? 4 : 6;
    }

    String sourceText() {
        return IpAddresses.format(bytes(source));
    }

    String destinationText() {
        return IpAddresses.format(bytes(destination));
    }

    private static @Nullable Endpoint endpoint(@Nullable Party party) {
        return party == null ? null : party.endpoint();
    }

    static int number(Protocol protocol) {
        return switch (protocol) {
            case TCP -> 6;
            case UDP -> 17;
            case UNKNOWN -> 0;
        };
    }

    private static byte[] bytes(ByteBuffer address) {
        return IpAddresses.unmapped(IpAddresses.bytes(address));
    }
}
