package io.natator.topology.ledger;

import io.natator.topology.siem.Party;
import io.natator.topology.siem.Volume;
import org.jspecify.annotations.Nullable;

/**
 * Something that a connection did. Times are microseconds since the epoch.
 *
 * @param client null where that end has not reported
 * @param server null where that end has not reported
 * @param delta traffic since the event before
 * @param total traffic since the start
 * @param startedAt when the connection was opened
 * @param since the event before, or the start
 * @param at when it happened
 * @param count how many events it stands for; more than 1 only where they could not be told one by one
 * @param reason the {@code CloseReason} of a failure or reset, {@link #REPORTS_CEASED}, or empty
 */
public record ConnectionEvent(
        Activity activity,
        @Nullable Party client,
        @Nullable Party server,
        Volume delta,
        Volume total,
        long startedAt,
        long since,
        long at,
        long count,
        String reason) {
    /** Taken as closed, because neither end was heard of any more. */
    public static final String REPORTS_CEASED = "UNHEARD";
}
