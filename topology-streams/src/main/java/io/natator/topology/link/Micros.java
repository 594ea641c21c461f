package io.natator.topology.link;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Converts durations and times to and from microseconds, which is the resolution of the topology. */
public final class Micros {
    private static final int NANOS_PER_MICRO = 1_000;

    private Micros() {}

    /** The length of a duration in microseconds, rounded down; at most 292 years. */
    public static long of(Duration duration) {
        return duration.toNanos() / NANOS_PER_MICRO;
    }

    /** A time in microseconds since the epoch, rounded down. */
    public static long of(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    /** A time from microseconds since the epoch. */
    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
