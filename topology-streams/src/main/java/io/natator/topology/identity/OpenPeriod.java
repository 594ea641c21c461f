package io.natator.topology.identity;

import java.time.Instant;

/**
 * When a connection was open, as far as is known.
 *
 * @param from when it was opened
 * @param until when it was last observed
 */
public record OpenPeriod(Instant from, Instant until) {}
