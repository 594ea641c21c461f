package io.natator.topology.state;

import java.time.Duration;

/**
 * The time of one partition, in microseconds since the epoch: that of the latest record, so that after an outage the
 * backlog is judged by its own time. Once no record has come for a while the partition has been read to its end, and the
 * wall clock stands in for it. Never goes back, and no record moves it beyond the wall clock. One thread.
 */
public final class StreamClock {
    private final long quietAfterMillis;
    private long latestMicros = Long.MIN_VALUE;
    private long lastRecordMillis;

    /**
     * A clock that has heard nothing.
     *
     * @param quietAfter how long no record comes before the wall clock counts
     * @param wallMillis wall clock now
     */
    public StreamClock(Duration quietAfter, long wallMillis) {
        quietAfterMillis = quietAfter.toMillis();
        lastRecordMillis = wallMillis;
    }

    /** A record of this time has come; the time now. */
    public long onRecord(long recordMicros, long wallMillis) {
        lastRecordMillis = wallMillis;
        latestMicros = Math.max(latestMicros, Math.min(recordMicros, wallMillis * 1000));
        return latestMicros;
    }

    /** The time now; {@link Long#MIN_VALUE} as long as nothing is known of it. */
    public long now(long wallMillis) {
        if (wallMillis - lastRecordMillis >= quietAfterMillis) {
            latestMicros = Math.max(latestMicros, wallMillis * 1000);
        }
        return latestMicros;
    }
}
