package io.natator.enricher.ownership;

import java.time.Duration;

/**
 * The limits of the model.
 *
 * @param historyDepth maximum spans stored per address, at least 1. The oldest spans are dropped first. Spans that
 *     ended within the last minute are retained up to four times this number
 * @param addressRetention how long an ended span is stored
 * @param identityRetention how long the identity of a deleted pod or node is stored
 * @param ownerPatience how long a pod's records wait at most for the look-up of its controllers
 */
public record Limits(int historyDepth, Duration addressRetention, Duration identityRetention, Duration ownerPatience) {}
