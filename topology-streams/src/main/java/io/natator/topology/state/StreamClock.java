package io.natator.topology.state;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The clock of one partition, in microseconds since the epoch. The clock shows the time of the latest record. So while
 * a backlog is processed, timeouts are measured by the times in the records. If no record arrives for
 * {@code quietAfter}, the clock assumes that the partition has been read to its end, and follows the wall clock. The
 * time never decreases, and a record never sets the clock ahead of the wall clock. Must be used by one thread.
 */
public final class StreamClock {
    private final long quietAfterMillis;
    private final LongSupplier wallMillis;
    private long latestMicros = Long.MIN_VALUE;
    private long lastRecordMillis;

    /**
     * Creates a clock that has not received a record.
     *
     * @param quietAfter time without a record after which the clock follows the wall clock
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
     * Returns the current time. It is {@link Long#MIN_VALUE} as long as there was no record and the clock does not
     * follow the wall clock yet.
     */
    public long now() {
        long wall = wallMillis.getAsLong();
        if (wall - lastRecordMillis >= quietAfterMillis) {
            latestMicros = Math.max(latestMicros, wall * 1000);
        }
        return latestMicros;
    }
}
