package io.natator.topology.link;

import io.natator.schemas.RttBuckets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A histogram of round-trip times.
 *
 * @param buckets number of samples in each bucket of {@link RttBuckets}; empty before the first sample
 * @param sumMicros sum of all samples, in microseconds
 */
record RttHistogram(List<Long> buckets, long sumMicros) {
    RttHistogram plus(List<Long> samples) {
        if (samples.isEmpty()) {
            return this;
        }
        Long[] counts = buckets.isEmpty() ? new Long[RttBuckets.COUNT] : buckets.toArray(new Long[RttBuckets.COUNT]);
        if (buckets.isEmpty()) {
            Arrays.fill(counts, 0L);
        }
        long sum = sumMicros;
        for (long sample : samples) {
            counts[RttBuckets.indexOf(sample)]++;
            sum += sample;
        }
        return new RttHistogram(Arrays.asList(counts), sum);
    }

    RttHistogram plus(RttHistogram other) {
        return new RttHistogram(merged(buckets, other.buckets), sumMicros + other.sumMicros);
    }

    private static List<Long> merged(List<Long> one, List<Long> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        return IntStream.range(0, one.size())
                .mapToObj(i -> one.get(i) + other.get(i))
                .toList();
    }
}
