package io.natator.collector.snapshot;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/**
 * Turns boot-clock times into wall-clock times.
 *
 * <p>Both clocks run at the same rate (NTP slews them together), so what lies between them changes only when someone sets
 * the wall clock. It is therefore measured once and kept, so that a connection's start is the same instant in all its
 * snapshots, and measured again from time to time to notice a step. Whoever turns several times of one record does so
 * between two measurements: then durations are the boot clock's, whatever happens to the wall clock. Not thread-safe.
 */
public final class BootClock {
    /** A smaller difference is the noise of reading two clocks one after the other. */
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

    /** The machine's own. */
    public static BootClock ofThisMachine() {
        return new BootClock(new KernelClock(KernelClock.BOOTTIME), new KernelClock(KernelClock.REALTIME));
    }

    /**
     * Looks whether the wall clock was set.
     *
     * @return by how many nanoseconds it was set forward; 0 where it was not, negative where it was set back
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

    /** The attempt with the least time between the readings is the one least disturbed. */
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
