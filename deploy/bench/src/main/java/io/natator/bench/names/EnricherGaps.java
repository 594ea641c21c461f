package io.natator.bench.names;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Observes whether some enricher follows the cluster, and in which times none did. Thread-safe. */
final class Following implements AutoCloseable {
    /** A time in which no enricher followed the cluster. */
    record Gap(Instant from, Instant until) {
        /** What came just before may not have been written any more. */
        Gap {
            from = from.equals(Instant.EPOCH) ? from : from.minus(WRITTEN_WITHIN);
        }

        boolean contains(Instant at) {
            return !at.isBefore(from) && !at.isAfter(until);
        }
    }

    private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    /** What an enricher has received may not be written yet when it becomes ready. */
    private static final Duration SETTLED = Duration.ofSeconds(5);

    private final Enrichers enrichers;
    private final Thread thread;
    private final List<Gap> gaps = new ArrayList<>();
    /** Nobody followed before the first look. */
    private Instant lastSeen = Instant.EPOCH;

    Following(Enrichers enrichers) {
        this.enrichers = enrichers;
        thread = Thread.ofPlatform().daemon().name("following").start(this::look);
    }

    private void look() {
        try {
            while (true) {
                Instant now = Instant.now();
                if (enrichers.leader().isPresent()) {
                    observed(now);
                }
                Thread.sleep(BETWEEN_LOOKS);
            }
        } catch (InterruptedException e) {
            // closed
        } catch (IllegalStateException e) {
            // interrupted while it asked
        }
    }

    private synchronized void observed(Instant now) {
        if (Duration.between(lastSeen, now).compareTo(BETWEEN_LOOKS.multipliedBy(3)) > 0) {
            gaps.add(new Gap(lastSeen, now.plus(SETTLED)));
        }
        lastSeen = now;
    }

    /** Something that has ended now may have kept an enricher that leads from following. */
    synchronized void disturbedSince(Instant from) {
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
