package io.natator.bench.names;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Polls whether an enricher follows the cluster, and records the times in which none did. Thread-safe. */
final class EnricherGaps implements AutoCloseable {
    /** A period in which no enricher followed the cluster. */
    record Gap(Instant from, Instant until) {
        /** Begins earlier: an enricher may not have written the events just before. */
        Gap {
            from = from.equals(Instant.EPOCH) ? from : from.minus(WRITTEN_WITHIN);
        }

        boolean contains(Instant at) {
            return !at.isBefore(from) && !at.isAfter(until);
        }
    }

    private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(2);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
    /** An enricher that becomes ready may not have written everything yet. */
    private static final Duration SETTLED = Duration.ofSeconds(5);

    private final Enrichers enrichers;
    private final Thread thread;
    private final List<Gap> gaps = new ArrayList<>();
    /** No enricher followed the cluster before the first poll. */
    private Instant lastSeen = Instant.EPOCH;

    EnricherGaps(Enrichers enrichers) {
        this.enrichers = enrichers;
        thread = Thread.ofPlatform().daemon().name("enricher-gaps").start(this::poll);
    }

    private void poll() {
        try {
            while (true) {
                Instant now = Instant.now();
                if (enrichers.leader().isPresent()) {
                    onFollowed(now);
                }
                Thread.sleep(POLL_INTERVAL);
            }
        } catch (InterruptedException e) {
            // closed
        } catch (IllegalStateException e) {
            // interrupted during a request
        }
    }

    private synchronized void onFollowed(Instant now) {
        if (Duration.between(lastSeen, now).compareTo(POLL_INTERVAL.multipliedBy(3)) > 0) {
            gaps.add(new Gap(lastSeen, now.plus(SETTLED)));
        }
        lastSeen = now;
    }

    /** A disturbance since {@code from} has just ended. A leader may not have followed the cluster meanwhile. */
    synchronized void onDisturbance(Instant from) {
        gaps.add(new Gap(from, Instant.now().plus(SETTLED)));
    }

    synchronized List<Gap> gaps() {
        return List.copyOf(gaps);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
