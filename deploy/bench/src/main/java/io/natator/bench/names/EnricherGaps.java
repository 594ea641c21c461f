package io.natator.bench.names;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Polls whether one of the enrichers observes and writes the cluster's changes, and records the periods in which none
 * did. Thread-safe.
 */
final class EnricherGaps implements AutoCloseable {
    /** A period in which no enricher observed and wrote the cluster's changes. */
    record Gap(Instant from, Instant until) {
        /** Lets the period begin 2 s earlier, because an enricher has perhaps not written the events just before it. */
        Gap {
            from = from.equals(Instant.EPOCH) ? from : from.minus(WRITTEN_WITHIN);
        }

        boolean contains(Instant at) {
            return !at.isBefore(from) && !at.isAfter(until);
        }
    }

    private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(2);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
    /**
     * A period ends this long after an enricher has become ready, because it has perhaps not written everything at that
     * moment.
     */
    private static final Duration SETTLED = Duration.ofSeconds(5);

    private final Enrichers enrichers;
    private final Thread thread;
    private final List<Gap> gaps = new ArrayList<>();
    /** Time of the last poll at which an enricher was ready; the start of the epoch if none was ready yet. */
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
            // this was closed
        } catch (IllegalStateException e) {
            // this was closed during a request
        }
    }

    private synchronized void onFollowed(Instant now) {
        if (Duration.between(lastSeen, now).compareTo(POLL_INTERVAL.multipliedBy(3)) > 0) {
            gaps.add(new Gap(lastSeen, now.plus(SETTLED)));
        }
        lastSeen = now;
    }

    /**
     * Must be called when a disturbance that began at {@code from} has ended. A ready leader has perhaps not observed
     * the cluster's changes meanwhile.
     */
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
