package io.natator.topology.query;

import java.time.Instant;

/**
 * A range of time that consists of whole time windows.
 *
 * @param from inclusive
 * @param to exclusive
 */
public record TimeRange(Instant from, Instant to) {}
