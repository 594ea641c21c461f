package io.natator.bpf;

import io.natator.bpf.libbpf.SystemCalls;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The clock of {@link SocketRecord}'s times, nanoseconds since boot with suspend included, and how it stands to the wall
 * clock. Thread-safe if its parts are.
 *
 * @param boot now, in nanoseconds since boot
 * @param wall now, by the wall clock
 */
public record BootClock(LongSupplier boot, Clock wall) {
    /** The machine's own. */
    public static BootClock system() {
        return new BootClock(SystemCalls::bootNanos, Clock.systemUTC());
    }

    /** Nanoseconds since boot. */
    public long nanos() {
        return boot.getAsLong();
    }

    /** The time of the wall clock at {@code bootNanos}, as the wall clock counts now: it may have been set since. */
    public Instant instant(long bootNanos) {
        return wall.instant().minus(Duration.ofNanos(nanos() - bootNanos));
    }
}
