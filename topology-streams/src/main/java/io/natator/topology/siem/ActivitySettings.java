package io.natator.topology.siem;

import java.time.Duration;

/**
 * The format of activity events, and the limits of their number.
 *
 * @param interval minimum time between two traffic events of an open connection
 * @param eventsPerSecond maximum number of events per second of one instance, at least 1
 */
public record ActivitySettings(ActivityFormat format, Duration interval, int eventsPerSecond) {}
