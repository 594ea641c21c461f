package io.natator.enricher.ownership;

import java.time.Duration;

/**
 * What bounds the bookkeeping.
 *
 * @param historyDepth spans kept per address, the newest; at least 1. Of those that ended within the last minute up to
 *     four times as many
 * @param addressRetention how long an ended span is kept
 * @param identityRetention how long the identity of a deleted pod or node is kept
 * @param ownerPatience how long a pod's records wait for the top of its owners, before they are written without it
 */
public record Limits(int historyDepth, Duration addressRetention, Duration identityRetention, Duration ownerPatience) {}
