package io.natator.topology.ledger;

import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.ConnectionEnds;
import org.jspecify.annotations.Nullable;

/**
 * The two halves of a connection. A half consists of the merged reports of one end.
 *
 * @param client null before the client's end is reported
 * @param server null before the server's end is reported
 */
record Halves(@Nullable Half client, @Nullable Half server) {
    static final Halves NONE = new Halves(null, null);

    /**
     * The half of the client's end if that end was reported, otherwise the server's half; null if no end was reported.
     */
    @Nullable
    Half either() {
        return client != null ? client : server;
    }

    @Nullable
    Half of(boolean clientSide) {
        return clientSide ? client : server;
    }

    Halves with(boolean clientSide, Half half) {
        return clientSide ? new Halves(half, server) : new Halves(client, half);
    }

    /** Whether the connection has ended at every reported end. */
    boolean allHaveEnded() {
        return (client == null || client.hasEnded()) && (server == null || server.hasEnded());
    }

    boolean oneHasEnded() {
        return (client != null && client.hasEnded()) || (server != null && server.hasEnded());
    }

    /**
     * When the connection was opened, in microseconds since the epoch. If the two ends report different times, the
     * earlier time counts; {@link Long#MAX_VALUE} if no end is reported.
     */
    long startedAt() {
        return Math.min(startedAt(client), startedAt(server));
    }

    private static long startedAt(@Nullable Half half) {
        return half == null ? Long.MAX_VALUE : half.lifecycle().startedAt();
    }

    /**
     * Processes and addresses of both ends. An end is null if it was not reported or is not stored any more. The server's
     * end of a UDP flow has a report of its own, which is never in the same entry; here it is known only if the client's
     * report contains its process.
     */
    ConnectionEnds ends() {
        ConnectionEnd clientEnd = end(client);
        ConnectionEnd serverEnd = end(server);
        return new ConnectionEnds(clientEnd, serverEnd == null && clientEnd != null ? clientEnd.otherEnd() : serverEnd);
    }

    private static @Nullable ConnectionEnd end(@Nullable Half half) {
        return half == null ? null : half.end();
    }

    Halves withoutEnds() {
        return new Halves(client == null ? null : client.withoutEnd(), server == null ? null : server.withoutEnd());
    }
}
