package io.natator.topology.link;

/**
 * A span of time, in microseconds since the epoch.
 *
 * @param from start
 * @param until end, not before the start
 */
public record TimeSpan(long from, long until) {}
