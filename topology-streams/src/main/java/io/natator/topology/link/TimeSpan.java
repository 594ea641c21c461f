package io.natator.topology.link;

/**
 * A span of time, in microseconds since the epoch. {@code TimeSpan.from(a).until(b)} creates one in such a way that the
 * two numbers cannot be swapped.
 *
 * @param from start
 * @param until end, not before the start
 */
public record TimeSpan(long from, long until) {
    /** Starts a span at this time; {@link Start#until} sets its end. */
    public static Start from(long micros) {
        return new Start(micros);
    }

    /** A span whose end is not set yet. */
    public record Start(long micros) {
        /** Returns the span that ends at this time, in microseconds since the epoch. */
        public TimeSpan until(long end) {
            return new TimeSpan(micros, end);
        }
    }
}
