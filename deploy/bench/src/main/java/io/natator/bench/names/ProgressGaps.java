package io.natator.bench.names;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the progress that the enrichers publish, and finds the periods that it jumps over. An enricher that takes over, or
 * that lists a kind again, cannot know what existed only within such a period. Thread-safe.
 */
final class ProgressGaps implements AutoCloseable {
    /** A period in which no enricher watched the cluster. */
    record Gap(Instant from, Instant until) {
        boolean contains(Instant at) {
            return !at.isBefore(from) && !at.isAfter(until);
        }
    }

    /** An enricher that follows the cluster publishes its progress twice a second, so a longer step can be a gap. */
    private static final Duration LONGEST_STEP = Duration.ofSeconds(1);

    /** The progress after a list is the time before the list. The list can show deletions that happened after that. */
    private static final Duration LISTED_WITHIN = Duration.ofSeconds(2);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(250);

    private final IdentityTable topic;
    private final Thread thread;
    private final List<Gap> gaps = new ArrayList<>();
    private Instant completeAsOf = Instant.EPOCH;

    ProgressGaps(String bootstrapServers) {
        topic = new IdentityTable(bootstrapServers);
        thread = Thread.ofPlatform().daemon().name("progress-gaps").start(this::poll);
    }

    private void poll() {
        try (topic) {
            while (true) {
                topic.refresh();
                onProgress(topic.completeAsOf());
                Thread.sleep(POLL_INTERVAL);
            }
        } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException e) {
            // closed
        }
    }

    private synchronized void onProgress(Instant now) {
        if (Duration.between(completeAsOf, now).compareTo(LONGEST_STEP) > 0) {
            gaps.add(new Gap(completeAsOf, now.plus(LISTED_WITHIN)));
        }
        if (now.isAfter(completeAsOf)) {
            completeAsOf = now;
        }
    }

    /** The topic contains everything up to this time. */
    synchronized Instant completeAsOf() {
        return completeAsOf;
    }

    /** The gaps up to now, in order of time. The first one ends with the first progress. */
    synchronized List<Gap> gaps() {
        return List.copyOf(gaps);
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
