package io.natator.schemas;

import java.util.List;

/**
 * Bounds of the round-trip time histogram in {@link LinkTotals} and {@link LinkWindow}. The bounds never change, so
 * that histograms of different times and instances can be added.
 */
public final class RttBuckets {
    /** Upper bounds in microseconds, inclusive, ascending. One more bucket counts values above the last bound. */
    public static final List<Long> UPPER_BOUNDS_MICROS = List.of(
            100L, 250L, 500L, 1_000L, 2_500L, 5_000L, 10_000L, 25_000L, 50_000L, 100_000L, 250_000L, 1_000_000L);

    /** Number of buckets in a histogram. */
    public static final int COUNT = UPPER_BOUNDS_MICROS.size() + 1;

    private RttBuckets() {}

    /**
     * The index of the bucket that counts a round-trip time.
     *
     * @param rttMicros microseconds, positive
     */
    public static int indexOf(long rttMicros) {
        int index = 0;
        while (index < UPPER_BOUNDS_MICROS.size() && rttMicros > UPPER_BOUNDS_MICROS.get(index)) {
            index++;
        }
        return index;
    }
}
