package io.natator.topology.identity;

import java.time.Instant;

/**
 * The known part of the time in which a connection was open.
 *
 * @param from when it was opened
 * @param until when it was last observed
 */
public record OpenPeriod(Instant from, Instant until) {}
