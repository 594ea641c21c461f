package io.natator.topology.state;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The clock of one partition, in microseconds since the epoch. The clock shows the time of the latest record, so that
 * timeouts are measured in record time while a backlog is processed. If no record arrives for the time
 * {@code quietAfter}, the partition counts as read to its end, and the clock follows the wall clock. The time never
 * decreases, and no record sets the clock ahead of the wall clock. Must be used by one thread.
 */
public final class StreamClock {
    private final long quietAfterMillis;
    private final LongSupplier wallMillis;
    private long latestMicros = Long.MIN_VALUE;
    private long lastRecordMillis;

    /**
     * A clock that has not received a record.
     *
     * @param quietAfter the clock follows the wall clock if no record arrives for this long
     * @param wallMillis the wall clock, in milliseconds since the epoch
     */
    public StreamClock(Duration quietAfter, LongSupplier wallMillis) {
        quietAfterMillis = quietAfter.toMillis();
        this.wallMillis = wallMillis;
        lastRecordMillis = wallMillis.getAsLong();
    }

    /**
     * Advances the clock to the time of a record if that is later, and returns the time.
     *
     * @param recordMicros the record's time, in microseconds since the epoch
     */
    public long onRecord(long recordMicros) {
        lastRecordMillis = wallMillis.getAsLong();
        latestMicros = Math.max(latestMicros, Math.min(recordMicros, lastRecordMillis * 1000));
        return latestMicros;
    }

    /**
     * The current time; {@link Long#MIN_VALUE} if there was no record, and the clock does not follow the wall clock
     * yet.
     */
    public long now() {
        long wall = wallMillis.getAsLong();
        if (wall - lastRecordMillis >= quietAfterMillis) {
            latestMicros = Math.max(latestMicros, wall * 1000);
        }
        return latestMicros;
    }
}
