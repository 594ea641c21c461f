package io.natator.collector.snapshot;

import io.natator.bpf.libbpf.SystemCalls;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/**
 * Turns boot-clock times into wall-clock times.
 *
 * <p>Both clocks run at the same rate (NTP slews them together), so their offset changes only when someone sets the
 * wall clock. The offset is measured once, so that the start of a connection is the same instant in all its snapshots.
 * {@link #remeasure} must be called periodically: it detects that the wall clock was set. Do not call it while the
 * times of a record are converted, so that all of them use the same offset and durations are those of the boot clock.
 * Not thread-safe.
 */
public final class BootClock {
    /** A smaller difference is noise: the two clocks cannot be read at the same moment. */
    private static final long STEP_NANOS = 10_000_000;

    private static final int ATTEMPTS = 5;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final LongSupplier bootNanos;
    private final LongSupplier wallNanos;
    private long offset;

    /**
     * A clock over two others.
     *
     * @param bootNanos nanoseconds since boot, suspended time included
     * @param wallNanos nanoseconds since the epoch
     */
    public BootClock(LongSupplier bootNanos, LongSupplier wallNanos) {
        this.bootNanos = bootNanos;
        this.wallNanos = wallNanos;
        this.offset = measure();
    }

    /** The clocks of this machine. */
    public static BootClock ofThisMachine() {
        return new BootClock(SystemCalls::bootNanos, SystemCalls::wallNanos);
    }

    /**
     * Checks whether the wall clock was set.
     *
     * @return nanoseconds by which it was set forward, negative if it was set back; 0 if it was not set
     */
    public long remeasure() {
        long step = measure() - offset;
        if (Math.abs(step) < STEP_NANOS) {
            return 0;
        }
        offset += step;
        return step;
    }

    /** The wall-clock time, in whole microseconds, of a time in nanoseconds since boot. */
    public Instant instant(long nanosSinceBoot) {
        long nanos = nanosSinceBoot + offset;
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND))
                .truncatedTo(ChronoUnit.MICROS);
    }

    /** Uses the attempt with the shortest time between the readings of the boot clock: the least disturbed one. */
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
