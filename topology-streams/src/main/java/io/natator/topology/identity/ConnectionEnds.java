package io.natator.topology.identity;

import org.jspecify.annotations.Nullable;

/**
 * Both ends of a connection. The server's end of a UDP flow is also known if the client's collector reported its process.
 *
 * @param client null if the client's end has not been reported
 * @param server null if the server's end has not been reported and is not known otherwise
 */
public record ConnectionEnds(
        @Nullable ConnectionEnd client, @Nullable ConnectionEnd server) {
    public static final ConnectionEnds NONE = new ConnectionEnds(null, null);
}
