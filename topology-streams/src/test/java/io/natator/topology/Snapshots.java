package io.natator.topology;

import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;

/** Builds snapshots of a connection between a client on node-a (10.0.0.1) and a server on node-b (10.0.0.2:8080). */
public final class Snapshots {
    /** When the connections of the tests are opened. This is the start of a minute, and therefore of a time window. */
    public static final Instant START = Instant.parse("2026-11-01T12:00:00Z");

    private Snapshots() {}

    public static ConnectionSnapshot.Builder client(long cookie) {
        return half(Role.CLIENT, "node-a", cookie)
                .setLocalAddress(address("10.0.0.1"))
                .setLocalPort(40_000)
                .setRemoteAddress(address("10.0.0.2"))
                .setRemotePort(8080)
                .setOwner(SocketOwner.newBuilder().setCommand("curl").build());
    }

    public static ConnectionSnapshot.Builder server(long cookie) {
        return half(Role.SERVER, "node-b", cookie)
                .setLocalAddress(address("10.0.0.2"))
                .setLocalPort(8080)
                .setRemoteAddress(address("10.0.0.1"))
                .setRemotePort(40_000)
                .setOwner(SocketOwner.newBuilder().setCommand("nginx").build());
    }

    private static ConnectionSnapshot.Builder half(Role role, String node, long cookie) {
        return ConnectionSnapshot.newBuilder()
                .setNode(node)
                .setBootId("boot-of-" + node)
                .setSocketCookie(cookie)
                .setProtocol(Protocol.TCP)
                .setRole(role)
                .setState(ConnectionState.OPEN)
                .setCloseReason(CloseReason.NONE)
                .setStartedAt(START)
                .setObservedAt(START.plusSeconds(1));
    }

    /** Changes a report so that it says that the connection has ended without a failure. */
    public static ConnectionSnapshot.Builder closed(ConnectionSnapshot.Builder half) {
        return half.setState(ConnectionState.CLOSED).setCloseReason(CloseReason.FIN);
    }

    /** The address as 4 or 16 bytes in network order. */
    public static ByteBuffer address(String text) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(text).getAddress());
    }
}
