package io.natator.topology.sse;

import java.time.Duration;

/**
 * The limits of {@code /api/events}. {@link #DEFAULT} and the {@code with…} methods name the values at construction.
 *
 * @param clients maximum number of clients at the same time
 * @param queueLength maximum number of events that wait for one client; a client for which more would wait is
 *     disconnected
 * @param interval minimum time between two events of one link
 * @param heartbeat a client gets a comment after this time without an event
 */
record EventLimits(int clients, int queueLength, Duration interval, Duration heartbeat) {
    /**
     * The default limits. Many proxies close a connection without data for a minute, so comments are sent more often.
     */
    static final EventLimits DEFAULT = new EventLimits(100, 10_000, Duration.ofSeconds(1), Duration.ofSeconds(15));

    EventLimits withClients(int maximum) {
        return new EventLimits(maximum, queueLength, interval, heartbeat);
    }

    EventLimits withQueueLength(int maximum) {
        return new EventLimits(clients, maximum, interval, heartbeat);
    }

    EventLimits withInterval(Duration duration) {
        return new EventLimits(clients, queueLength, duration, heartbeat);
    }

    EventLimits withHeartbeat(Duration duration) {
        return new EventLimits(clients, queueLength, interval, duration);
    }
}
