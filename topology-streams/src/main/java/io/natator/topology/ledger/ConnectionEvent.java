package io.natator.topology.ledger;

import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.link.Traffic;

/**
 * An activity event: something that a connection did.
 *
 * @param ends processes and addresses of both ends; an end is null if it was not reported
 * @param delta traffic since the previous event of the connection
 * @param total traffic since the start of the connection
 * @param count number of events that this event sums up. It is more than 1 only if there were more events than
 *     {@code --activity-limit}, or if the collector reported the sum of several connections (state FOLDED)
 * @param reason the {@code CloseReason} of a failure or reset, {@link #REPORTS_CEASED}, or empty
 */
public record ConnectionEvent(
        Activity activity,
        ConnectionEnds ends,
        Traffic delta,
        Traffic total,
        EventTimes times,
        long count,
        String reason) {
    /** Reason of a connection that counts as closed because no end reported it for {@code --idle-retention}. */
    public static final String REPORTS_CEASED = "UNHEARD";
}
