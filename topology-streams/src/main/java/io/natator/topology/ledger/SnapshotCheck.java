package io.natator.topology.ledger;

import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.Endpoint;
import io.natator.topology.identity.SocketProcess;
import io.natator.topology.state.TopologyStatistics.Correction;
import io.natator.topology.state.TopologyStatistics.Refusal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Validates snapshots. It refuses a snapshot without a key or value, or with a counter, text, address or port out of
 * range. It corrects implausible times, and guesses an unknown state or role. Pure.
 */
final class SnapshotCheck {
    /** How far a node's clock may be ahead of the clock of this machine. */
    static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    private static final long AHEAD_MICROS = MAX_AHEAD.toNanos() / 1000;
    private static final long EARLIEST_MICROS =
            TimeUnit.SECONDS.toMicros(Instant.parse("2020-01-01T00:00:00Z").getEpochSecond());
    private static final int MAX_PORT = 65_535;

    /** 64 PiB: more than any connection transfers, and small enough that no sum over links overflows. */
    private static final long MAX_COUNTER = 1L << 56;

    /** Four times the length that Kubernetes and the kernel allow for any name. */
    private static final int MAX_TEXT = 1024;

    private SnapshotCheck() {}

    /**
     * Validates a snapshot, and corrects implausible values.
     *
     * @param wallMillis wall clock, in milliseconds since the epoch
     * @throws RefusedSnapshotException if the key or the value is missing, or a counter, text, address or port is out
     *     of range
     */
    static CheckedSnapshot check(@Nullable Long fingerprint, @Nullable ConnectionSnapshot snapshot, long wallMillis) {
        if (fingerprint == null) {
            throw new RefusedSnapshotException(Refusal.INCOMPLETE, "a connection snapshot without a key");
        }
        if (snapshot == null) {
            throw new RefusedSnapshotException(Refusal.INCOMPLETE, "a connection snapshot without a value");
        }
        requireCounters(snapshot);
        requireTexts(snapshot);
        requireAddress("localAddress", snapshot.getLocalAddress());
        requireAddress("remoteAddress", snapshot.getRemoteAddress());
        requirePort("localPort", snapshot.getLocalPort());
        requirePort("remotePort", snapshot.getRemotePort());

        Set<Correction> corrections = EnumSet.noneOf(Correction.class);
        long wallMicros = wallMillis * 1000;
        long observedAt = micros(snapshot.getObservedAt());
        if (observedAt < EARLIEST_MICROS || observedAt > wallMicros + AHEAD_MICROS) {
            corrections.add(Correction.OBSERVED_AT);
            observedAt = wallMicros;
        }
        long startedAt = micros(snapshot.getStartedAt());
        if (startedAt < EARLIEST_MICROS || startedAt > observedAt) {
            corrections.add(Correction.STARTED_AT);
            startedAt = observedAt;
        }
        if (snapshot.getState() == ConnectionState.UNKNOWN) {
            corrections.add(Correction.STATE);
        }
        boolean roleGuessed = snapshot.getRole() == Role.UNKNOWN;
        if (roleGuessed) {
            corrections.add(Correction.ROLE);
        }
        return new CheckedSnapshot(
                roleGuessed ? snapshot.getLocalPort() >= snapshot.getRemotePort() : snapshot.getRole() == Role.CLIENT,
                roleGuessed,
                half(snapshot, startedAt, observedAt),
                snapshot.getSmoothedRttMicros(),
                corrections);
    }

    private static Half half(ConnectionSnapshot snapshot, long startedAt, long observedAt) {
        return new Half(
                Fingerprints.ofSocket(snapshot.getBootId(), snapshot.getSocketCookie()),
                new Lifecycle(startedAt, phase(snapshot.getState()), failure(snapshot.getCloseReason())),
                HalfCounters.builder()
                        .observedAt(observedAt)
                        .bytesAcked(delivered(snapshot))
                        .bytesReceived(snapshot.getBytesReceived())
                        .segmentsSent(snapshot.getSegmentsSent())
                        .segmentsReceived(snapshot.getSegmentsReceived())
                        .retransmits(snapshot.getRetransmits())
                        .connections(snapshot.getConnections())
                        .build(),
                end(snapshot));
    }

    private static ConnectionEnd end(ConnectionSnapshot snapshot) {
        SocketOwner owner = snapshot.getOwner();
        return new ConnectionEnd(
                new SocketProcess(
                        snapshot.getNode(),
                        owner.getCommand(),
                        owner.getPodUid(),
                        owner.getPid(),
                        owner.getContainerId()),
                snapshot.getProtocol(),
                new Endpoint(snapshot.getLocalAddress(), snapshot.getLocalPort()),
                new Endpoint(snapshot.getRemoteAddress(), snapshot.getRemotePort()));
    }

    /**
     * Payload bytes that reached the peer: those acknowledged, or of UDP, which has no acknowledgements, those sent.
     */
    private static long delivered(ConnectionSnapshot snapshot) {
        return snapshot.getProtocol() == Protocol.UDP
                ? Math.max(snapshot.getBytesSent(), snapshot.getBytesAcked())
                : snapshot.getBytesAcked();
    }

    private static Phase phase(ConnectionState state) {
        return switch (state) {
            case UNKNOWN, OPEN -> Phase.OPEN;
            case CLOSED -> Phase.CLOSED;
            case FAILED -> Phase.FAILED;
            case FOLDED -> Phase.FOLDED;
        };
    }

    private static String failure(CloseReason reason) {
        return switch (reason) {
            case UNKNOWN, NONE, FIN, IDLE -> "";
            case RESET, REFUSED, TIMEOUT, UNREACHABLE, ABORTED -> reason.name();
        };
    }

    private static void requireCounters(ConnectionSnapshot snapshot) {
        requireCounter("bytesSent", snapshot.getBytesSent());
        requireCounter("bytesAcked", snapshot.getBytesAcked());
        requireCounter("bytesReceived", snapshot.getBytesReceived());
        requireCounter("segmentsSent", snapshot.getSegmentsSent());
        requireCounter("segmentsReceived", snapshot.getSegmentsReceived());
        requireCounter("retransmits", snapshot.getRetransmits());
        requireCounter("smoothedRttMicros", snapshot.getSmoothedRttMicros());
        requireCounter("minRttMicros", snapshot.getMinRttMicros());
        requireCounter("connections", snapshot.getConnections() - 1);
    }

    private static void requireCounter(String field, long value) {
        if (value < 0) {
            throw new RefusedSnapshotException(Refusal.NEGATIVE_COUNTER, field + " is out of range");
        }
        if (value > MAX_COUNTER) {
            throw new RefusedSnapshotException(
                    Refusal.ABSURD_COUNTER, field + " is more than " + MAX_COUNTER + ", which no connection has");
        }
    }

    private static void requireTexts(ConnectionSnapshot snapshot) {
        SocketOwner owner = snapshot.getOwner();
        requireText("node", snapshot.getNode());
        requireText("bootId", snapshot.getBootId());
        requireText("owner.command", owner.getCommand());
        requireText("owner.podUid", owner.getPodUid());
        requireText("owner.containerId", owner.getContainerId());
    }

    private static void requireText(String field, @Nullable String text) {
        if (text != null && text.length() > MAX_TEXT) {
            throw new RefusedSnapshotException(
                    Refusal.TEXT, field + " has " + text.length() + " characters, more than " + MAX_TEXT);
        }
    }

    private static void requireAddress(String field, ByteBuffer address) {
        if (address.remaining() != 4 && address.remaining() != 16) {
            throw new RefusedSnapshotException(
                    Refusal.ADDRESS, field + " has " + address.remaining() + " bytes, not 4 or 16");
        }
    }

    private static void requirePort(String field, int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new RefusedSnapshotException(Refusal.PORT, field + " is " + port + ", not 0 to 65535");
        }
    }

    private static long micros(Instant instant) {
        return TimeUnit.SECONDS.toMicros(instant.getEpochSecond()) + instant.getNano() / 1000;
    }
}
