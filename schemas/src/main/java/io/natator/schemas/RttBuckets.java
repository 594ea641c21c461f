package io.natator.schemas;

import java.util.List;

/**
 * Bounds of the round-trip time histogram in {@link LinkTotals} and {@link LinkWindow}. Fixed, so that counts of all
 * times and instances can be added.
 */
public final class RttBuckets {
    /** Upper bounds in microseconds, inclusive, ascending; one more bucket counts everything above the last. */
    public static final List<Long> UPPER_BOUNDS_MICROS = List.of(
            100L, 250L, 500L, 1_000L, 2_500L, 5_000L, 10_000L, 25_000L, 50_000L, 100_000L, 250_000L, 1_000_000L);

    /** Number of counts in a histogram. */
    public static final int COUNT = UPPER_BOUNDS_MICROS.size() + 1;

    private RttBuckets() {}

    /**
     * Index of the bucket a round-trip time belongs to.
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
