package io.natator.enricher.ownership;

import java.time.Duration;

/**
 * The limits of the model.
 *
 * @param historyDepth maximum spans stored per address, at least 1; up to four times as many if they ended within the
 *     last minute. The oldest are dropped first
 * @param addressRetention an ended span is stored for this long
 * @param identityRetention the identity of a deleted pod or node is stored for this long
 * @param ownerPatience a pod's records wait at most this long for the look-up of its owners
 */
public record Limits(int historyDepth, Duration addressRetention, Duration identityRetention, Duration ownerPatience) {}
