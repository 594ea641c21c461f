package io.natator.topology.identity;

import org.jspecify.annotations.Nullable;

/**
 * Both ends of a connection.
 *
 * @param client null if that end has not been reported
 * @param server null if that end has not been reported
 */
public record ConnectionEnds(
        @Nullable ConnectionEnd client, @Nullable ConnectionEnd server) {
    /** Neither end is known. */
    public static final ConnectionEnds NONE = new ConnectionEnds(null, null);
}
