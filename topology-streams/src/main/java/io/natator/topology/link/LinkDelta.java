package io.natator.topology.link;

/**
 * Growth of a link: the traffic of one connection between two observations, or of several connections within one time
 * window.
 *
 * @param span time over which the growth is assumed to be spread evenly. If the delta counts the opening of a
 *     connection, the span starts at the opening
 * @param failure the {@code CloseReason} of one failure or reset, empty if there is none
 */
public record LinkDelta(
        TimeSpan span,
        Traffic traffic,
        ConnectionCounts connections,
        String failure,
        Quality quality,
        CarettaLabels labels) {
    /** Creates a delta without a failure and without labels. */
    public LinkDelta(TimeSpan span, Traffic traffic, ConnectionCounts connections, Quality quality) {
        this(span, traffic, connections, "", quality, CarettaLabels.NONE);
    }

    /** The same delta with additional connections. */
    public LinkDelta plus(ConnectionCounts additional) {
        return new LinkDelta(span, traffic, connections.plus(additional), failure, quality, labels);
    }

    /** The same delta without connections that moved. Only totals count them. */
    LinkDelta withoutMoves() {
        ConnectionCounts moves =
                ConnectionCounts.builder().moved(-connections.moved()).build();
        return connections.moved() == 0 ? this : plus(moves);
    }

    public LinkDelta withFailure(String reason) {
        return new LinkDelta(span, traffic, connections, reason, quality, labels);
    }

    public LinkDelta withLabels(CarettaLabels values) {
        return values.equals(labels) ? this : new LinkDelta(span, traffic, connections, failure, quality, values);
    }
}
