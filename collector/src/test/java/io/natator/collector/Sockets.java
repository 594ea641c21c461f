package io.natator.collector;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Connection;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Lifecycle;
import io.natator.bpf.SocketRecord.Owner;
import io.natator.bpf.SocketRecord.Quality;
import io.natator.bpf.SocketRecord.Role;
import java.net.InetAddress;

/** Creates socket records for tests. */
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

    /** Returns the record of a UDP flow. */
    public static SocketRecord flow(Event event, long cookie, long bytes, Endpoint local, Endpoint remote) {
        SocketRecord like = socket(event, cookie, bytes, local, remote);
        return new SocketRecord(
                event,
                like.id(),
                new Connection(
                        17,
                        like.connection().role(),
                        0,
                        local,
                        remote,
                        like.connection().networkNamespace()),
                like.owner(),
                counters(bytes).build(),
                Quality.UNKNOWN,
                new Lifecycle(
                        like.lifecycle().observedNanos(), event == Event.CLOSED ? CloseReason.IDLE : CloseReason.NONE));
    }

    public static SocketRecord socket(Event event, long cookie, long bytes) {
        return socket(event, cookie, bytes, new Endpoint(CLIENT, 40_000), new Endpoint(SERVER, 80));
    }

    public static SocketRecord socket(Event event, long cookie, long bytes, Endpoint local, Endpoint remote) {
        boolean established = event != Event.FAILED && event != Event.FOLDED;
        return new SocketRecord(
                event,
                ConnectionId.ofCookie(cookie).startedAt(1_000_000_000L * cookie),
                new Connection(
                        6, Role.CLIENT, established ? 0x1_0000_0000L + cookie : 0, local, remote, 4_026_531_840L),
                new Owner(0, 0, "curl"),
                counters(bytes)
                        .retransmits(1)
                        .connections(event == Event.FOLDED ? 7 : 1)
                        .build(),
                Quality.UNKNOWN.withSmoothedRttMicros(250).withMinRttMicros(200),
                new Lifecycle(
                        1_000_000_000L * cookie + 5_000_000,
                        event == Event.CLOSED ? CloseReason.FIN : CloseReason.NONE));
    }

    private static Counters.Builder counters(long bytes) {
        return Counters.builder()
                .bytesSent(bytes)
                .bytesAcked(bytes)
                .bytesReceived(2 * bytes)
                .segmentsSent(3)
                .segmentsReceived(4);
    }
}
