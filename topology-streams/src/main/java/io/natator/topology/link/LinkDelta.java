package io.natator.topology.link;

/**
 * Growth of a link: what one connection added between two observations, or several connections within one window.
 *
 * @param span time over which the growth is spread evenly; it starts with the opening of the connection if the delta
 *     counts one
 * @param failure the {@code CloseReason} of one failure or reset, empty if there is none
 */
public record LinkDelta(
        TimeSpan span,
        Traffic traffic,
        ConnectionCounts connections,
        String failure,
        Quality quality,
        CarettaLabels labels) {
    /** Growth without failure and labels. */
    public LinkDelta(TimeSpan span, Traffic traffic, ConnectionCounts connections, Quality quality) {
        this(span, traffic, connections, "", quality, CarettaLabels.NONE);
    }

    /** The same growth with a failure or reset. */
    public LinkDelta withFailure(String reason) {
        return new LinkDelta(span, traffic, connections, reason, quality, labels);
    }

    /** The same growth with labels. */
    public LinkDelta withLabels(CarettaLabels values) {
        return values.equals(labels) ? this : new LinkDelta(span, traffic, connections, failure, quality, values);
    }
}
