package io.natator.collector.snapshot;

import io.natator.bpf.libbpf.SystemCalls;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/**
 * Converts times of the boot clock (nanoseconds since boot) to wall-clock times.
 *
 * <p>Both clocks run at the same rate, because NTP adjusts the rate of both. So their offset changes only when someone
 * sets the wall clock. The offset is measured once, so that the start of a connection is the same instant in all its
 * snapshots. Call {@link #remeasure} periodically: it detects that the wall clock was set. Do not call it between the
 * conversions of the times of one record, because they must use the same offset. Not thread-safe.
 */
public final class BootClock {
    /**
     * A change of the offset by less than 10 ms is ignored: the two clocks cannot be read at exactly the same moment.
     */
    private static final long STEP_NANOS = 10_000_000;

    private static final int ATTEMPTS = 5;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final LongSupplier bootNanos;
    private final LongSupplier wallNanos;
    private long offset;

    /**
     * Creates a clock from two other clocks.
     *
     * @param bootNanos returns the nanoseconds since boot, including suspended time
     * @param wallNanos returns the nanoseconds since 1970-01-01 UTC
     */
    public BootClock(LongSupplier bootNanos, LongSupplier wallNanos) {
        this.bootNanos = bootNanos;
        this.wallNanos = wallNanos;
        this.offset = measure();
    }

    /** Returns a clock that converts between the clocks of this machine. */
    public static BootClock ofThisMachine() {
        return new BootClock(SystemCalls::bootNanos, SystemCalls::wallNanos);
    }

    /**
     * Checks whether someone has set the wall clock. If so, uses the new offset from now on.
     *
     * @return nanoseconds by which the wall clock was set forward, negative if it was set back; 0 if it was not set
     */
    public long remeasure() {
        long step = measure() - offset;
        if (Math.abs(step) < STEP_NANOS) {
            return 0;
        }
        offset += step;
        return step;
    }

    /** Converts nanoseconds since boot to wall-clock time, truncated to microseconds. */
    public Instant instant(long nanosSinceBoot) {
        long nanos = nanosSinceBoot + offset;
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND))
                .truncatedTo(ChronoUnit.MICROS);
    }

    /**
     * Measures the offset of the two clocks several times, and returns the most exact result: that of the measurement
     * that took the shortest time.
     */
    private long measure() {
        long least = Long.MAX_VALUE;
        long best = 0;
        for (int i = 0; i < ATTEMPTS; i++) {
            long before = bootNanos.getAsLong();
            long wall = wallNanos.getAsLong();
            long between = bootNanos.getAsLong() - before;
            if (between < least) {
                least = between;
                best = wall - (before + between / 2);
            }
        }
        return best;
    }
}
