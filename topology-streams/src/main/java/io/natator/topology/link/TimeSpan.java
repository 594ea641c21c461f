package io.natator.topology.link;

/**
 * A span of time, in microseconds since the epoch. {@link #from(long)} names both ends at construction.
 *
 * @param from start
 * @param until end, not before the start
 */
public record TimeSpan(long from, long until) {
    /** The start of a span; {@link Start#until} completes the span. */
    public static Start from(long micros) {
        return new Start(micros);
    }

    /** A span whose end is not set yet. */
    public record Start(long micros) {
        /** The span until this time, in microseconds since the epoch. */
        public TimeSpan until(long end) {
            return new TimeSpan(micros, end);
        }
    }
}
