package io.natator.enricher.cluster;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses between attempts. Each pause is twice as long as the previous one, up to a limit. A random addition of 0 to 25
 * % keeps clients from retrying at the same moment. Not thread-safe.
 */
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    /** Sleeps for the next pause, or for {@code atLeast} if that is longer. */
    void pause(Duration atLeast) throws InterruptedException {
        long millis = next.toMillis();
        long jittered = millis + ThreadLocalRandom.current().nextLong(1 + millis / 4);
        next = next.multipliedBy(2).compareTo(longest) < 0 ? next.multipliedBy(2) : longest;
        Thread.sleep(Math.max(jittered, atLeast.toMillis()));
    }

    void reset() {
        next = first;
    }
}
