package io.natator.topology.state;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time of one partition, in microseconds since the epoch. It is the time of the latest record, so timeouts are
 * measured in the time of the records while a backlog is processed. If no record arrives for a while, the partition has
 * been read to its end, and the clock follows the wall clock. The time never decreases, and no record sets it ahead of
 * the wall clock. One thread.
 */
public final class StreamClock {
    private final long quietAfterMillis;
    private final LongSupplier wallMillis;
    private long latestMicros = Long.MIN_VALUE;
    private long lastRecordMillis;

    /**
     * A clock that has seen no record.
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
     * Records that a record has arrived, and returns the time after it.
     *
     * @param recordMicros the record's time, in microseconds since the epoch
     */
    public long onRecord(long recordMicros) {
        lastRecordMillis = wallMillis.getAsLong();
        latestMicros = Math.max(latestMicros, Math.min(recordMicros, lastRecordMillis * 1000));
        return latestMicros;
    }

    /** The time now; {@link Long#MIN_VALUE} before the first record, unless the partition is quiet. */
    public long now() {
        long wall = wallMillis.getAsLong();
        if (wall - lastRecordMillis >= quietAfterMillis) {
            latestMicros = Math.max(latestMicros, wall * 1000);
        }
        return latestMicros;
    }
}
