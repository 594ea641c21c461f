package io.natator.enricher.ownership;

import java.time.Duration;

/**
 * The limits of what the enricher stores about owners of addresses.
 *
 * @param historyDepth maximum spans stored per address, at least 1. The oldest spans are dropped first. Spans that
 *     ended recently have the larger limit {@link #recentHistoryDepth}
 * @param addressRetention how long an ended span is stored
 * @param identityRetention how long the identity of a deleted pod or node is stored
 * @param ownerPatience how long a pod's records wait at most for the look-up of its controllers
 */
public record Limits(int historyDepth, Duration addressRetention, Duration identityRetention, Duration ownerPatience) {
    /**
     * A span that ended less than this time ago is stored even if the address has more spans than {@code historyDepth},
     * up to {@link #recentHistoryDepth}: a connection that began in that span is perhaps not named yet.
     */
    static final Duration RECENT = Duration.ofMinutes(1);

    private static final int RECENT_DEPTH_FACTOR = 4;
    private static final Duration MAX_CHECK_INTERVAL = Duration.ofSeconds(30);

    /** Maximum number of spans (periods of ownership) stored per address that ended less than {@link #RECENT} ago. */
    long recentHistoryDepth() {
        return (long) historyDepth * RECENT_DEPTH_FACTOR;
    }

    /** The time between two calls of {@link OwnershipModel#checkDue}. */
    public Duration checkInterval() {
        return ownerPatience.compareTo(MAX_CHECK_INTERVAL) < 0 ? ownerPatience : MAX_CHECK_INTERVAL;
    }
}
