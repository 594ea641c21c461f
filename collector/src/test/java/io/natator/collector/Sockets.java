package io.natator.collector;

import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import java.net.InetAddress;

/** Socket records to test with. */
public final class Sockets {
    public static final InetAddress CLIENT = InetAddress.ofLiteral("10.0.0.1");
    public static final InetAddress SERVER = InetAddress.ofLiteral("10.0.0.2");

    private Sockets() {}

    public static SocketRecord opened(long cookie) {
        return socket(Event.OPENED, cookie, 0);
    }

    public static SocketRecord live(long cookie, long bytes) {
        return socket(Event.LIVE, cookie, bytes);
    }

    public static SocketRecord closed(long cookie, long bytes) {
        return socket(Event.CLOSED, cookie, bytes);
    }

    /** Of UDP. */
    public static SocketRecord flow(
            Event event,
            long cookie,
            long bytes,
            InetAddress local,
            int localPort,
            InetAddress remote,
            int remotePort) {
        SocketRecord like = socket(event, cookie, bytes, local, localPort, remote, remotePort);
        return new SocketRecord(
                event,
                17,
                like.role(),
                cookie,
                like.startNanos(),
                like.observedNanos(),
                0,
                local,
                localPort,
                remote,
                remotePort,
                like.networkNamespace(),
                like.cgroupId(),
                like.pid(),
                like.command(),
                bytes,
                bytes,
                2 * bytes,
                3,
                4,
                0,
                0,
                0,
                event == Event.CLOSED ? CloseReason.IDLE : CloseReason.NONE,
                like.connections());
    }

    public static SocketRecord socket(Event event, long cookie, long bytes) {
        return socket(event, cookie, bytes, CLIENT, 40_000, SERVER, 80);
    }

    public static SocketRecord socket(
            Event event,
            long cookie,
            long bytes,
            InetAddress local,
            int localPort,
            InetAddress remote,
            int remotePort) {
        boolean established = event != Event.FAILED && event != Event.FOLDED;
        return new SocketRecord(
                event,
                6,
                Role.CLIENT,
                cookie,
                1_000_000_000L * cookie,
                1_000_000_000L * cookie + 5_000_000,
                established ? 0x1_0000_0000L + cookie : 0,
                local,
                localPort,
                remote,
                remotePort,
                4_026_531_840L,
                0,
                0,
                "curl",
                bytes,
                bytes,
                2 * bytes,
                3,
                4,
                1,
                250,
                200,
                event == Event.CLOSED ? CloseReason.FIN : CloseReason.NONE,
                event == Event.FOLDED ? 7 : 1);
    }
}
