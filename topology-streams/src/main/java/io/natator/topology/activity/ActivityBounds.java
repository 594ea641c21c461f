package io.natator.topology.activity;

import java.time.Duration;

/**
 * Which activity events there are.
 *
 * @param interval how often the traffic of a long connection is told
 * @param eventsPerSecond of one instance, at most; at least 1
 */
public record ActivityBounds(ActivityFormat format, Duration interval, int eventsPerSecond) {}
