package io.natator.topology.link;

import java.util.List;

/**
 * Quality measurements of connections: retransmits, round-trip times, durations.
 *
 * @param retransmits segments that were retransmitted, in both directions
 * @param rttSamples smoothed round-trip times, in microseconds
 * @param durationMicros sum of the durations of closed connections, in microseconds
 */
public record Quality(long retransmits, List<Long> rttSamples, long durationMicros) {
    public static final Quality NONE = new Quality(0, List.of(), 0);
}
