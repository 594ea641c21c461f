package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.SocketOwner;
import io.natator.topology.link.Micros;
import io.natator.topology.link.TimeSpan;
import io.natator.topology.statistics.DeadLetterReason;
import io.natator.topology.statistics.SnapshotCorrection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Validates snapshots. It refuses a snapshot without a key or value, and a snapshot with a counter, text, address or
 * port out of range. It corrects implausible times, and records what was corrected. Pure.
 */
final class SnapshotCheck {
    /** Maximum time by which the clock of a node can be ahead of the clock of this machine without a correction. */
    static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    private static final long AHEAD_MICROS = Micros.of(MAX_AHEAD);
    private static final long EARLIEST_MICROS =
            TimeUnit.SECONDS.toMicros(Instant.parse("2020-01-01T00:00:00Z").getEpochSecond());
    private static final int MAX_PORT = 65_535;

    /**
     * Maximum value of a counter: 64 PiB. No connection transfers that much, and below it the sum over all links does
     * not overflow.
     */
    private static final long MAX_COUNTER = 1L << 56;

    /** Maximum length of a text in characters: four times the longest name that Kubernetes and the kernel allow. */
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
            throw new RefusedSnapshotException(DeadLetterReason.INCOMPLETE, "a connection snapshot without a key");
        }
        if (snapshot == null) {
            throw new RefusedSnapshotException(DeadLetterReason.INCOMPLETE, "a connection snapshot without a value");
        }
        requireCounters(snapshot);
        requireTexts(snapshot);
        requireAddress("localAddress", snapshot.getLocalAddress());
        requireAddress("remoteAddress", snapshot.getRemoteAddress());
        requirePort("localPort", snapshot.getLocalPort());
        requirePort("remotePort", snapshot.getRemotePort());

        Set<SnapshotCorrection> corrections = EnumSet.noneOf(SnapshotCorrection.class);
        long wallMicros = wallMillis * 1000;
        long observedAt = micros(snapshot.getObservedAt());
        if (observedAt < EARLIEST_MICROS || observedAt > wallMicros + AHEAD_MICROS) {
            corrections.add(SnapshotCorrection.OBSERVED_AT);
            observedAt = wallMicros;
        }
        long startedAt = micros(snapshot.getStartedAt());
        if (startedAt < EARLIEST_MICROS || startedAt > observedAt) {
            corrections.add(SnapshotCorrection.STARTED_AT);
            startedAt = observedAt;
        }
        if (snapshot.getState() == ConnectionState.UNKNOWN) {
            corrections.add(SnapshotCorrection.STATE);
        }
        boolean roleGuessed = RoleRules.isGuessed(snapshot);
        if (roleGuessed) {
            corrections.add(SnapshotCorrection.ROLE);
        }
        return new CheckedSnapshot(
                RoleRules.isClient(snapshot),
                roleGuessed,
                Half.of(snapshot, TimeSpan.from(startedAt).until(observedAt)),
                snapshot.getSmoothedRttMicros(),
                corrections);
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
            throw new RefusedSnapshotException(DeadLetterReason.NEGATIVE_COUNTER, field + " is out of range");
        }
        if (value > MAX_COUNTER) {
            throw new RefusedSnapshotException(
                    DeadLetterReason.ABSURD_COUNTER,
                    field + " is more than " + MAX_COUNTER + ", which no connection has");
        }
    }

    private static void requireTexts(ConnectionSnapshot snapshot) {
        SocketOwner owner = snapshot.getOwner();
        requireText("node", snapshot.getNode());
        requireText("bootId", snapshot.getBootId());
        requireText("owner.command", owner.getCommand());
        requireText("owner.podUid", owner.getPodUid());
        requireText("owner.containerId", owner.getContainerId());
        requireText("cluster", snapshot.getCluster());
        requireText("owner.name", owner.getName());
    }

    private static void requireText(String field, @Nullable String text) {
        if (text != null && text.length() > MAX_TEXT) {
            throw new RefusedSnapshotException(
                    DeadLetterReason.TEXT, field + " has " + text.length() + " characters, more than " + MAX_TEXT);
        }
    }

    private static void requireAddress(String field, ByteBuffer address) {
        if (address.remaining() != 4 && address.remaining() != 16) {
            throw new RefusedSnapshotException(
                    DeadLetterReason.ADDRESS, field + " has " + address.remaining() + " bytes, not 4 or 16");
        }
    }

    private static void requirePort(String field, int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new RefusedSnapshotException(DeadLetterReason.PORT, field + " is " + port + ", not 0 to 65535");
        }
    }

    private static long micros(Instant instant) {
        return TimeUnit.SECONDS.toMicros(instant.getEpochSecond()) + instant.getNano() / 1000;
    }
}
