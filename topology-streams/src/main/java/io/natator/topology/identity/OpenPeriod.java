package io.natator.topology.identity;

import java.time.Instant;

/**
 * The time during which a connection is known to have been open.
 *
 * @param from when the connection was opened
 * @param until when the connection was last observed
 */
public record OpenPeriod(Instant from, Instant until) {}
