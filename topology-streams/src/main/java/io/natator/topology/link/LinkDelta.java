package io.natator.topology.link;

/**
 * Growth of a link: the traffic of one connection between two observations, or of several connections within one
 * window.
 *
 * @param span time over which the growth is spread evenly. If the delta counts an opened connection, the span starts
 *     with the opening
 * @param failure the {@code CloseReason} of one failure or reset, empty if there is none
 */
public record LinkDelta(
        TimeSpan span,
        Traffic traffic,
        ConnectionCounts connections,
        String failure,
        Quality quality,
        CarettaLabels labels) {
    /** Growth with neither a failure nor labels. */
    public LinkDelta(TimeSpan span, Traffic traffic, ConnectionCounts connections, Quality quality) {
        this(span, traffic, connections, "", quality, CarettaLabels.NONE);
    }

    public LinkDelta withFailure(String reason) {
        return new LinkDelta(span, traffic, connections, reason, quality, labels);
    }

    public LinkDelta withLabels(CarettaLabels values) {
        return values.equals(labels) ? this : new LinkDelta(span, traffic, connections, failure, quality, values);
    }
}
