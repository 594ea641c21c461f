package io.natator.topology.siem;

import java.time.Duration;

/**
 * Format and number of activity events.
 *
 * @param interval between events of a long connection
 * @param eventsPerSecond maximum of one instance, at least 1
 */
public record ActivitySettings(ActivityFormat format, Duration interval, int eventsPerSecond) {}
