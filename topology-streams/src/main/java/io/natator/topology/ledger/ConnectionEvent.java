package io.natator.topology.ledger;

import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.link.Traffic;

/**
 * Something that a connection did.
 *
 * @param ends processes and addresses, as far as the ends were reported
 * @param delta traffic since the previous event
 * @param total traffic since the start of the connection
 * @param count how many events it stands for; more than 1 only if they exceeded {@code --activity-limit} or are folded
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
    /** The connection is regarded as closed because neither end reported it any more. */
    public static final String REPORTS_CEASED = "UNHEARD";
}
