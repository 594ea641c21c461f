package io.natator.topology.siem;

import java.time.Duration;

/**
 * Which activity events there are.
 *
 * @param interval how often the traffic of a long connection is told
 * @param eventsPerSecond of one instance, at most; at least 1
 */
public record ActivitySettings(ActivityFormat format, Duration interval, int eventsPerSecond) {
    /** OCSF, 5 minutes, 1,000 per second. */
    public static final ActivitySettings DEFAULT =
            new ActivitySettings(ActivityFormat.OCSF, Duration.ofMinutes(5), 1_000);
}
